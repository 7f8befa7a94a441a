#include "snapshot/windows.h"

struct windows windows_unread(void)
{
	return (struct windows){ .timed_wait_delay_s = -1, .max_user_port = -1, .build = -1 };
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
