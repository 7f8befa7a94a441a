#include "base/language.h"
#include "base/text.h"
#include "knowledge/sysctl_file.h"
#include "knowledge/sysctl_value.h"

#include <stdlib.h>
#include <string.h>

/*
 * What a value is worth for ports. The rows of a key are asked in order and each that applies gives a
 * remark. Defaults: Linux Documentation/networking/ip-sysctl.rst.
 */
enum {
	DEFAULT_PORTS = 28232, /* 32768 to 60999 */
	DEFAULT_REUSE_DELAY_MS = 1000,
	DEFAULT_SYN_RETRIES = 6,
	DEFAULT_FIN_TIMEOUT_S = 60,
	DEFAULT_FIRST = 32768,
	DEFAULT_LAST = 60999,
};

static bool is_zero(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && !number;
}

static bool is_set(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && number;
}

static bool is_one(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && number == 1;
}

static bool is_two(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && number == 2;
}

static uint64_t ports_of(const char *value)
{
	struct sysctl_range range;

	return sysctl_value_range(value, &range) && !range.is_half ?
		       range.last - range.first + 1 :
		       0;
}

static bool is_half_range(const struct sysctl_review *review, const char *value)
{
	struct sysctl_range range;

	(void)review;
	return sysctl_value_range(value, &range) && range.is_half;
}

static bool is_odd_range(const struct sysctl_review *review, const char *value)
{
	(void)review;
	return ports_of(value) % 2;
}

static bool is_narrow_range(const struct sysctl_review *review, const char *value)
{
	return ports_of(value) && ports_of(value) < DEFAULT_PORTS &&
	       !sysctl_is_refused_range(review, value);
}

static bool is_default_range(const struct sysctl_review *review, const char *value)
{
	(void)review;
	return ports_of(value) == DEFAULT_PORTS;
}

static bool is_wide_range(const struct sysctl_review *review, const char *value)
{
	return ports_of(value) > DEFAULT_PORTS && !sysctl_is_refused_range(review, value) &&
	       sysctl_last_value(review, "net.ipv4.ip_local_reserved_ports");
}

static bool is_wide_range_without_reserved(const struct sysctl_review *review,
					   const char *value)
{
	return ports_of(value) > DEFAULT_PORTS && !sysctl_is_refused_range(review, value) &&
	       !sysctl_last_value(review, "net.ipv4.ip_local_reserved_ports");
}

static bool is_few_buckets(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && number < DEFAULT_PORTS;
}

static bool is_many_buckets(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && number >= DEFAULT_PORTS;
}

static bool is_short_delay(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && number && number < DEFAULT_REUSE_DELAY_MS;
}

static bool is_long_delay(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && number > DEFAULT_REUSE_DELAY_MS;
}

static bool is_reuse_without_timestamps(const struct sysctl_review *review, const char *value)
{
	const char *timestamps = sysctl_last_value(review, "net.ipv4.tcp_timestamps");

	return is_one(review, value) && timestamps && is_zero(review, timestamps);
}

static bool is_reuse(const struct sysctl_review *review, const char *value)
{
	return is_one(review, value) && !is_reuse_without_timestamps(review, value);
}

static bool is_few_retries(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && number < DEFAULT_SYN_RETRIES;
}

static bool is_many_retries(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && number > DEFAULT_SYN_RETRIES;
}

static bool is_long_fin_timeout(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && number > DEFAULT_FIN_TIMEOUT_S;
}

static bool is_default_fin_timeout(const struct sysctl_review *review, const char *value)
{
	uint64_t number;

	(void)review;
	return sysctl_value_count(value, &number) && number == DEFAULT_FIN_TIMEOUT_S;
}

static bool is_short_fin_timeout(const struct sysctl_review *review, const char *value)
{
	return !is_long_fin_timeout(review, value) && !is_default_fin_timeout(review, value);
}

/* Ports that the range of the file, or the default one, has besides the listed ones. */
static uint64_t ports_left(const struct sysctl_review *review, const char *value,
			   uint64_t *ports)
{
	const char *text = sysctl_last_value(review, "net.ipv4.ip_local_port_range");
	struct sysctl_range range = { DEFAULT_FIRST, DEFAULT_LAST, false }, own;
	int *steps = memory_zeroed(UINT16_MAX + 2, sizeof *steps), lists = 0;
	uint64_t left = 0;

	if (text && sysctl_value_range(text, &own)) {
		range = own;
		if (own.is_half)
			range.last = own.first > DEFAULT_LAST ? own.first : DEFAULT_LAST;
	}
	sysctl_value_ports(value, steps);
	for (uint64_t port = 0; port <= range.last; port++) {
		lists += steps[port];
		left += port >= range.first && !lists;
	}
	*ports = range.last - range.first + 1;
	free(steps);
	return left;
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
	{ "net.ipv4.ip_local_port_range", sysctl_is_refused_range, SYSCTL_HARMFUL,
	  N_("begins below net.ipv4.ip_unprivileged_port_start: the kernel refuses it and the old range stays") },
	{ "net.ipv4.ip_local_port_range", is_narrow_range, SYSCTL_HARMFUL,
	  N_("narrower than the default of 28,232 ports: connects to one destination run out sooner") },
	{ "net.ipv4.ip_local_port_range", is_half_range, SYSCTL_NEUTRAL,
	  N_("only one port: the kernel takes it as the first one, and the last one stays") },
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
	{ "net.ipv4.tcp_fin_timeout", is_long_fin_timeout, SYSCTL_HARMFUL,
	  N_("closed connections hold their ports in FIN_WAIT2 longer than the default of 60 s") },
	{ "net.ipv4.tcp_fin_timeout", is_default_fin_timeout, SYSCTL_NEUTRAL, N_("the default") },
	{ "net.ipv4.tcp_fin_timeout", is_short_fin_timeout, SYSCTL_USELESS,
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

/* The setting that was meant by a name that no kernel has; NULL: none. */
static const char *misspelt(const char *key)
{
	enum { MOST_DIFFERENCES = 2 };

	if (strncmp(key, "net.", 4) != 0 || strpbrk(key, "*?[") ||
	    !strcmp(key, "net.ipv6.ip_nonlocal_bind"))
		return NULL;
	for (size_t i = 0; i < sizeof judgements / sizeof judgements[0]; i++)
		if (text_is_near(key, judgements[i].key, MOST_DIFFERENCES))
			return judgements[i].key;
	return NULL;
}

static const char *number_text(struct arena *arena, uint64_t number)
{
	char buffer[27];

	return arena_copy(arena, text_grouped(buffer, number));
}

/* What is to be said besides the verdict. */
static const char *note_on(const struct sysctl_setting *setting)
{
	const char *rest = "";
	struct sysctl_range range;
	int64_t number;

	if (sysctl_is_range(setting->key))
		rest = sysctl_value_range(setting->value, &range);
	else if (sysctl_is_numeric(setting->key))
		rest = sysctl_value_number(setting->value, &number);
	if (rest && *rest)
		return N_(
			"the kernel ignores what stands behind the value; sysctl.conf(5) knows "
			"no comment there");
	if (sysctl_is_range(setting->key) && is_odd_range(NULL, setting->value))
		return N_("an odd number of ports: one may be left out, and the kernel logs a "
			  "warning; let one bound be even, the other odd");
	return NULL;
}

/* Reserving is harmless as long as enough is left. */
static void judge_reserved(struct sysctl_review *review, struct sysctl_remark *remark)
{
	uint64_t ports, left = ports_left(review, remark->setting->value, &ports);

	if (2 * left >= ports)
		return;
	remark->verdict = SYSCTL_HARMFUL;
	remark->reason = N_("these are most ports of the range: %s remain for connects to one "
			    "destination");
	remark->detail = number_text(&review->arena, left);
}

static void add_judgement(struct sysctl_review *review, const struct sysctl_setting *setting,
			  const struct judgement *judgement)
{
	struct sysctl_remark *remark =
		sysctl_add_remark(review, setting, judgement->verdict, judgement->reason);

	remark->note = note_on(setting);
	if (!strcmp(judgement->key, "net.ipv4.ip_local_reserved_ports"))
		judge_reserved(review, remark);
}

bool sysctl_judge(struct sysctl_review *review, const struct sysctl_setting *setting)
{
	const char *refused = sysctl_refusal(setting->key, setting->value), *meant;
	bool related = false;

	if (refused) {
		sysctl_add_remark(review, setting, SYSCTL_INVALID, refused);
		return true;
	}
	for (size_t i = 0; i < sizeof judgements / sizeof judgements[0]; i++) {
		const struct judgement *judgement = &judgements[i];

		if (!sysctl_key_matches(setting->key, judgement->key))
			continue;
		related = true;
		if (judgement->applies(review, setting->value))
			add_judgement(review, setting, judgement);
	}
	meant = related ? NULL : misspelt(setting->key);
	if (meant)
		sysctl_add_remark(review, setting, SYSCTL_INVALID,
				  N_("there is no such setting; did you mean %s?"))
			->detail = meant;
	return related || meant;
}
