#include "base/language.h"
#include "base/text.h"
#include "knowledge/sysctl_file.h"

#include <string.h>

/*
 * What a value is worth for ports. The rows of a key are asked in order and each that applies gives a
 * remark. Defaults: Linux Documentation/networking/ip-sysctl.rst.
 */
enum {
	DEFAULT_PORTS = 28232, /* 32768 to 60999 */
	DEFAULT_UNPRIVILEGED = 1024,
	DEFAULT_REUSE_DELAY_MS = 1000,
	DEFAULT_SYN_RETRIES = 6,
};

struct range {
	uint64_t first, last;
};

/* Two numbers, separated by blanks: the kernel takes nothing else. */
static bool parse_range(const char *value, struct range *range)
{
	char number[8];
	size_t length = strcspn(value, " \t");

	if (!length || length >= sizeof number)
		return false;
	memcpy(number, value, length);
	number[length] = '\0';
	value += length + strspn(value + length, " \t");
	return text_to_number(number, UINT16_MAX, &range->first) &&
	       text_to_number(value, UINT16_MAX, &range->last) && range->first &&
	       range->first <= range->last;
}

static bool is_number(const char *value, uint64_t *number)
{
	return text_to_number(value, UINT32_MAX, number);
}

static bool is_zero(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return is_number(value, &number) && !number;
}

static bool is_set(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return is_number(value, &number) && number;
}

static bool is_one(const struct sysctl_review *review, const char *value)
{
	(void)review;
	return !strcmp(value, "1");
}

static bool is_two(const struct sysctl_review *review, const char *value)
{
	(void)review;
	return !strcmp(value, "2");
}

static bool is_no_number(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return !is_number(value, &number);
}

static bool is_no_range(const struct sysctl_review *review, const char *value)
{
	struct range range;

	(void)review;
	return !parse_range(value, &range);
}

static uint64_t ports_of(const char *value)
{
	struct range range;

	return parse_range(value, &range) ? range.last - range.first + 1 : 0;
}

static bool is_odd_range(const struct sysctl_review *review, const char *value)
{
	(void)review;
	return ports_of(value) % 2;
}

static bool is_narrow_range(const struct sysctl_review *review, const char *value)
{
	(void)review;
	return ports_of(value) && ports_of(value) < DEFAULT_PORTS;
}

static bool is_default_range(const struct sysctl_review *review, const char *value)
{
	(void)review;
	return ports_of(value) == DEFAULT_PORTS;
}

/* The kernel refuses a range below the first unprivileged port with EINVAL: ipv4_local_port_range(). */
static bool is_refused_range(const struct sysctl_review *review, const char *value)
{
	const char *start = sysctl_last_value(review, "net.ipv4.ip_unprivileged_port_start");
	uint64_t lowest = DEFAULT_UNPRIVILEGED;
	struct range range;

	if (start)
		is_number(start, &lowest);
	return parse_range(value, &range) && range.first < lowest;
}

static bool is_wide_range(const struct sysctl_review *review, const char *value)
{
	return ports_of(value) > DEFAULT_PORTS && !is_refused_range(review, value) &&
	       sysctl_last_value(review, "net.ipv4.ip_local_reserved_ports");
}

static bool is_wide_range_without_reserved(const struct sysctl_review *review,
					   const char *value)
{
	return ports_of(value) > DEFAULT_PORTS && !is_refused_range(review, value) &&
	       !sysctl_last_value(review, "net.ipv4.ip_local_reserved_ports");
}

static bool is_few_buckets(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return is_number(value, &number) && number < DEFAULT_PORTS;
}

static bool is_many_buckets(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return is_number(value, &number) && number >= DEFAULT_PORTS;
}

static bool is_short_delay(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return is_number(value, &number) && number && number < DEFAULT_REUSE_DELAY_MS;
}

static bool is_long_delay(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return is_number(value, &number) && number > DEFAULT_REUSE_DELAY_MS;
}

static bool is_reuse_without_timestamps(const struct sysctl_review *review, const char *value)
{
	const char *timestamps = sysctl_last_value(review, "net.ipv4.tcp_timestamps");

	return is_one(review, value) && timestamps && !strcmp(timestamps, "0");
}

static bool is_reuse(const struct sysctl_review *review, const char *value)
{
	return is_one(review, value) && !is_reuse_without_timestamps(review, value);
}

static bool is_few_retries(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return is_number(value, &number) && number < DEFAULT_SYN_RETRIES;
}

static bool is_many_retries(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return is_number(value, &number) && number > DEFAULT_SYN_RETRIES;
}

static bool always(const struct sysctl_review *review, const char *value)
{
	(void)review;
	(void)value;
	return true;
}

/* clang-format off */
static const struct judgement {
	const char *key;
	bool (*applies)(const struct sysctl_review *review, const char *value);
	enum sysctl_verdict verdict;
	const char *reason;
} judgements[] = {
	{ "net.ipv4.ip_local_port_range", is_no_range, SYSCTL_INVALID,
	  N_("not two ports, the first not above the last; the kernel refuses it") },
	{ "net.ipv4.ip_local_port_range", is_refused_range, SYSCTL_HARMFUL,
	  N_("begins below net.ipv4.ip_unprivileged_port_start: the kernel refuses it and the old range stays") },
	{ "net.ipv4.ip_local_port_range", is_narrow_range, SYSCTL_HARMFUL,
	  N_("narrower than the default of 28,232 ports: connects to one destination run out sooner") },
	{ "net.ipv4.ip_local_port_range", is_odd_range, SYSCTL_HARMFUL,
	  N_("an odd number of ports: one may be left out, and the kernel logs a warning; let one bound be even, the other odd") },
	{ "net.ipv4.ip_local_port_range", is_wide_range, SYSCTL_HELPFUL,
	  N_("wider than the default: more connects to each destination") },
	{ "net.ipv4.ip_local_port_range", is_wide_range_without_reserved, SYSCTL_HELPFUL,
	  N_("wider than the default: more connects to each destination; but put ports of services in it into net.ipv4.ip_local_reserved_ports, or a connection may take them before a service starts") },
	{ "net.ipv4.ip_local_port_range", is_default_range, SYSCTL_NEUTRAL,
	  N_("as many ports as by default") },
	{ "net.ipv4.ip_local_reserved_ports", always, SYSCTL_NEUTRAL,
	  N_("keeps these ports for services; each one inside the range is one port less for connects") },
	{ "net.ipv4.ip_autobind_reuse", is_set, SYSCTL_HARMFUL,
	  N_("bind() to port 0 shares ports, and connect() then fails at random with EADDRNOTAVAIL; use IP_BIND_ADDRESS_NO_PORT instead") },
	{ "net.ipv4.ip_autobind_reuse", is_zero, SYSCTL_NEUTRAL, N_("the default") },
	{ "net.ipv4.ip_unprivileged_port_start", always, SYSCTL_NEUTRAL,
	  N_("the lowest port with which the ephemeral range may begin") },
	{ "net.ipv4.ip_nonlocal_bind", is_set, SYSCTL_USELESS,
	  N_("lets bind() take foreign addresses; it does nothing for EADDRNOTAVAIL from connect()") },

	{ "net.ipv4.tcp_tw_reuse", is_no_number, SYSCTL_INVALID, N_("not a number") },
	{ "net.ipv4.tcp_tw_reuse", is_reuse_without_timestamps, SYSCTL_USELESS,
	  N_("reuse needs TCP timestamps, which this file switches off") },
	{ "net.ipv4.tcp_tw_reuse", is_reuse, SYSCTL_HELPFUL,
	  N_("connect() may take over ports in TIME_WAIT after one second, towards any destination") },
	{ "net.ipv4.tcp_tw_reuse", is_two, SYSCTL_NEUTRAL,
	  N_("the default: reuse over loopback only") },
	{ "net.ipv4.tcp_tw_reuse", is_zero, SYSCTL_HARMFUL,
	  N_("switches off the reuse over loopback that is there by default") },
	{ "net.ipv4.tcp_tw_reuse_delay", is_short_delay, SYSCTL_HELPFUL,
	  N_("ports in TIME_WAIT may be taken over sooner than after one second, if tcp_tw_reuse allows it") },
	{ "net.ipv4.tcp_tw_reuse_delay", is_long_delay, SYSCTL_HARMFUL,
	  N_("ports in TIME_WAIT may be taken over later than by default: fewer connects per second") },
	{ "net.ipv4.tcp_tw_recycle", always, SYSCTL_REMOVED,
	  N_("removed in Linux 4.12; before, it dropped clients behind NAT. tcp_tw_reuse is what remains") },
	{ "net.ipv4.tcp_tw_timeout", always, SYSCTL_USELESS,
	  N_("exists on Alibaba Cloud Linux 2 and 3 only; Linux itself has a fixed 60 s") },
	{ "net.ipv4.tcp_fin_timeout", always, SYSCTL_USELESS,
	  N_("shortens FIN_WAIT2 only; TIME_WAIT stays 60 s") },
	{ "net.ipv4.tcp_max_tw_buckets", is_few_buckets, SYSCTL_HARMFUL,
	  N_("fewer than the range has ports: TIME_WAIT beyond it is dropped, and with it the protection from late packets") },
	{ "net.ipv4.tcp_max_tw_buckets", is_many_buckets, SYSCTL_USELESS,
	  N_("how many TIME_WAIT are kept; a higher limit gives no port") },
	{ "net.ipv4.tcp_timestamps", is_zero, SYSCTL_HARMFUL,
	  N_("without timestamps no port in TIME_WAIT can be reused, tcp_tw_reuse or not") },
	{ "net.ipv4.tcp_timestamps", is_set, SYSCTL_NEUTRAL,
	  N_("on, as reuse of TIME_WAIT needs it") },
	{ "net.ipv4.tcp_abort_on_overflow", is_set, SYSCTL_HARMFUL,
	  N_("clients get resets when a server is slow to accept; it has nothing to do with ports") },
	{ "net.ipv4.tcp_syn_retries", is_few_retries, SYSCTL_HELPFUL,
	  N_("a connect to a silent destination gives its port back sooner") },
	{ "net.ipv4.tcp_syn_retries", is_many_retries, SYSCTL_HARMFUL,
	  N_("a connect to a silent destination holds its port even longer than by default") },
	{ "net.ipv4.tcp_orphan_retries", always, SYSCTL_USELESS,
	  N_("ends FIN_WAIT1 and LAST_ACK of dead peers; it does not change TIME_WAIT or CLOSE_WAIT") },
	{ "net.ipv4.tcp_max_orphans", always, SYSCTL_USELESS,
	  N_("a limit on memory; it gives no port") },
	{ "net.ipv4.tcp_keepalive_time", always, SYSCTL_USELESS,
	  N_("only for sockets with SO_KEEPALIVE, to find dead peers; not HTTP keep-alive, saves no port") },
	{ "net.ipv4.tcp_keepalive_intvl", always, SYSCTL_USELESS,
	  N_("only for sockets with SO_KEEPALIVE, to find dead peers; not HTTP keep-alive, saves no port") },
	{ "net.ipv4.tcp_keepalive_probes", always, SYSCTL_USELESS,
	  N_("only for sockets with SO_KEEPALIVE, to find dead peers; not HTTP keep-alive, saves no port") },
	{ "net.ipv4.tcp_rfc1337", is_set, SYSCTL_USELESS,
	  N_("keeps TIME_WAIT from being ended early by a reset; it frees no port") },
	{ "net.netfilter.nf_conntrack_max", always, SYSCTL_USELESS,
	  N_("against a full conntrack table; it gives no port") },
	{ "net.nf_conntrack_max", always, SYSCTL_USELESS,
	  N_("against a full conntrack table; it gives no port") },
	{ "net.netfilter.nf_conntrack_tcp_timeout_time_wait", always, SYSCTL_USELESS,
	  N_("frees NAT ports of a gateway sooner; it does not change TIME_WAIT of this host's sockets") },
	{ "net.ipv4.ip_conntrack_max", always, SYSCTL_REMOVED,
	  N_("an old name; the setting is net.netfilter.nf_conntrack_max") },
	{ "net.ipv4.netfilter.ip_conntrack_max", always, SYSCTL_REMOVED,
	  N_("an old name; the setting is net.netfilter.nf_conntrack_max") },
};
/* clang-format on */

bool sysctl_judge(struct sysctl_review *review, const struct sysctl_setting *setting)
{
	bool related = false;

	for (size_t i = 0; i < sizeof judgements / sizeof judgements[0]; i++) {
		const struct judgement *judgement = &judgements[i];

		if (!sysctl_key_matches(setting->key, judgement->key))
			continue;
		related = true;
		if (judgement->applies(review, setting->value))
			sysctl_add_remark(review, setting, judgement->verdict,
					  judgement->reason);
	}
	return related;
}
