#include "base/language.h"
#include "knowledge/sysctl_file.h"
#include "knowledge/sysctl_value.h"

/*
 * Which values the kernel does not take: writing them fails, and the setting stays as it was.
 */
enum { LOWEST_UNPRIVILEGED = 1024 }; /* net.ipv4.ip_unprivileged_port_start, by default */

/* What the kernel takes, from the tables of net/ipv4/sysctl_net_ipv4.c in 6.12; tried on 6.18. */
static const struct {
	const char *key;
	uint64_t lowest, highest;
} limits[] = {
	{ "net.ipv4.tcp_tw_reuse", 0, 2 },
	{ "net.ipv4.tcp_tw_reuse_delay", 1, 60000 },
	{ "net.ipv4.tcp_timestamps", 0, UINT8_MAX },
	{ "net.ipv4.tcp_syn_retries", 1, 127 },
	{ "net.ipv4.ip_autobind_reuse", 0, 1 },
	{ "net.ipv4.ip_nonlocal_bind", 0, UINT8_MAX },
	{ "net.ipv4.ip_unprivileged_port_start", 0, UINT16_MAX },
	{ "net.ipv4.tcp_abort_on_overflow", 0, UINT8_MAX },
	{ "net.ipv4.tcp_rfc1337", 0, UINT8_MAX },
	{ "net.ipv4.tcp_orphan_retries", 0, UINT8_MAX },
	{ "net.ipv4.tcp_keepalive_probes", 0, UINT8_MAX },
};

/* Settings of one or two numbers, as far as they are judged by them. */
bool sysctl_is_numeric(const char *key)
{
	static const char *const plain[] = { "net.ipv4.tcp_fin_timeout",
					     "net.ipv4.tcp_max_tw_buckets",
					     "net.ipv4.tcp_max_orphans",
					     "net.ipv4.tcp_keepalive_time",
					     "net.ipv4.tcp_keepalive_intvl" };

	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (sysctl_key_matches(key, plain[i]))
			return true;
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		if (sysctl_key_matches(key, limits[i].key))
			return true;
	return false;
}

bool sysctl_is_range(const char *key)
{
	return sysctl_key_matches(key, "net.ipv4.ip_local_port_range");
}

/* The kernel refuses a range below the first unprivileged port with EINVAL: ipv4_local_port_range(). */
bool sysctl_is_refused_range(const struct sysctl_review *review, const char *value)
{
	const char *start = sysctl_last_value(review, "net.ipv4.ip_unprivileged_port_start");
	uint64_t lowest = LOWEST_UNPRIVILEGED;
	struct sysctl_range range;

	if (start)
		sysctl_value_count(start, &lowest);
	return sysctl_value_range(value, &range) && range.first < lowest;
}

static bool is_refused_number(const char *value, uint64_t lowest, uint64_t highest)
{
	uint64_t number;

	return !sysctl_value_count(value, &number) || number < lowest || number > highest;
}

/* NULL: it takes it, or has other rules than are known here. */
const char *sysctl_refusal(const char *key, const char *value)
{
	struct sysctl_range range;
	int64_t number;

	if (sysctl_is_range(key) && !sysctl_value_range(value, &range))
		return N_(
			"not two ports, the first not above the last; the kernel refuses it");
	if (sysctl_key_matches(key, "net.ipv4.ip_local_reserved_ports") &&
	    !sysctl_value_ports(value, NULL))
		return N_(
			"not a list such as 8080,9000-9010 without blanks; the kernel refuses it");
	if (sysctl_is_numeric(key) && !sysctl_value_number(value, &number))
		return N_("not a number, or more than a number; the kernel refuses it");
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		if (sysctl_key_matches(key, limits[i].key) &&
		    is_refused_number(value, limits[i].lowest, limits[i].highest))
			return N_(
				"a number that this setting does not take; the kernel refuses it");
	return NULL;
}

/* The range last: whether it is refused depends on what else the file sets. */
void sysctl_mark_refused(struct sysctl_review *review)
{
	for (size_t i = 0; i < review->setting_count; i++) {
		struct sysctl_setting *setting = &review->settings[i];

		setting->is_refused =
			setting->value && sysctl_refusal(setting->key, setting->value);
	}
	for (size_t i = 0; i < review->setting_count; i++) {
		struct sysctl_setting *setting = &review->settings[i];

		if (setting->value && sysctl_is_range(setting->key))
			setting->is_refused |= sysctl_is_refused_range(review, setting->value);
	}
}
