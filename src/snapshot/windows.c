#include "snapshot/windows.h"

struct windows windows_unread(void)
{
	return (struct windows){ .timed_wait_delay_s = -1, .max_user_port = -1, .build = -1 };
}

static struct port_set copy_of(const struct port_set *set)
{
	struct port_set copy = { 0 };

	port_set_add_all(&copy, set);
	return copy;
}

void windows_copy_settings(struct windows *to, const struct windows *from)
{
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < 2; i++) {
			struct windows_range *range = &to->ranges[protocol][i];

			*range = from->ranges[protocol][i];
			range->why_untold = NULL; /* it lives with the other */
			range->excluded = copy_of(&range->excluded);
			range->reserved_at_run = copy_of(&range->reserved_at_run);
		}
	to->auto_reuse = from->auto_reuse;
	to->auto_reuse_known = from->auto_reuse_known;
	to->timed_wait_delay_s = from->timed_wait_delay_s;
	to->max_user_port = from->max_user_port;
}

struct windows_range *windows_range_of(struct windows *windows, enum protocol protocol,
				       uint8_t family)
{
	return &windows->ranges[protocol][family == FAMILY_IPV6];
}

const struct windows_range *windows_range_at(const struct windows *windows,
					     enum protocol protocol, uint8_t family)
{
	return &windows->ranges[protocol][family == FAMILY_IPV6];
}

void windows_free(struct windows *windows)
{
	if (!windows)
		return;
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < 2; i++) {
			port_set_free(&windows->ranges[protocol][i].excluded);
			port_set_free(&windows->ranges[protocol][i].reserved_at_run);
		}
}
