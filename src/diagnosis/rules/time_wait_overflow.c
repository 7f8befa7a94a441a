#include "base/language.h"
#include "diagnosis/remedy.h"

/*
 * Linux net/ipv4/inet_timewait_sock.c, inet_twsk_alloc(): at the limit no entry is made, and
 * net/ipv4/tcp_minisocks.c, tcp_time_wait(), ends the connection at once and counts it. Entries
 * end and new ones take their place, so that the count at the moment of reading is now and then a
 * little below: with overflows on record, NEAR_PERCENT is as good as full.
 */
enum { NEAR_PERCENT = 99, PROPOSED = 262144 };

static bool is_full(const struct netns *netns)
{
	int64_t now = netns->counters.time_wait_now;
	int64_t limit = netns->settings.max_tw_buckets;
	bool overflowed = netns->counters.time_wait_overflows > 0;

	if (now < 0 || now > INT64_MAX / 100 || limit < 0 || limit > INT64_MAX / 100)
		return false;
	if (!limit) /* somebody has switched TIME_WAIT off */
		return overflowed;
	return now >= limit || (overflowed && now * 100 >= limit * NEAR_PERCENT);
}

static void add_evidence(struct finding *finding, const struct netns *netns)
{
	finding->subject = "tcp TIME_WAIT";
	rule_add_evidence(finding, "time_wait_now", netns->counters.time_wait_now, "entries");
	rule_add_evidence(finding, "max_tw_buckets", netns->settings.max_tw_buckets,
			  "entries");
	rule_add_evidence(finding, "overflows", netns->counters.time_wait_overflows,
			  "connections");
}

static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct netns *netns)
{
	int64_t limit = netns->settings.max_tw_buckets;
	int64_t proposed = 2 * limit > PROPOSED ? 2 * limit : PROPOSED;
	struct remedy raise =
		remedy_aside(_("raise tcp_max_tw_buckets"),
			     remedy_sysctl(diagnosis, finding->netns,
					   arena_print(&diagnosis->arena,
						       "net.ipv4.tcp_max_tw_buckets=%lld",
						       (long long)proposed)));

	raise.risk = _("what now comes back early rests for 60 s then, and may run short of "
		       "ports: see the other findings, and look again");
	rule_add_remedy(finding,
			remedy_aside(_("keep connections open and use them again (connection "
				       "pool, HTTP keep-alive), or let the other side close "
				       "first"),
				     NULL));
	rule_add_remedy(finding, raise);
	rule_add_useless(finding,
			 _("tcp_fin_timeout: does not change TIME_WAIT, which is 60 s "
			   "on Linux"));
}

static void report(const struct rule *rule, struct diagnosis *diagnosis, uint32_t index)
{
	const struct netns *netns = &diagnosis->snapshot->namespaces[index];
	struct finding *finding = rule_add_finding(diagnosis, rule, index, SEVERITY_WARNING);

	add_evidence(finding, netns);
	finding->title = arena_print(
		&diagnosis->arena,
		_("tcp: TIME_WAIT is at its limit, %s of %s entries (tcp_max_tw_buckets)"),
		words_count(diagnosis, (uint64_t)netns->counters.time_wait_now),
		words_count(diagnosis, (uint64_t)netns->settings.max_tw_buckets));
	finding->reason = arena_print(
		&diagnosis->arena,
		_("connections that close now do not rest: their ports come back at once and "
		  "without protection from late segments, %s so far; counts of TIME_WAIT tell "
		  "less than is opened and closed"),
		netns->counters.time_wait_overflows < 0 ?
			_("an unknown number") :
			words_count(diagnosis, (uint64_t)netns->counters.time_wait_overflows));
	add_remedies(diagnosis, finding, netns);
}

static void remark(const struct rule *rule, struct diagnosis *diagnosis, uint32_t index)
{
	const struct netns *netns = &diagnosis->snapshot->namespaces[index];
	struct finding *remark = rule_add_remark(diagnosis, rule, index);

	add_evidence(remark, netns);
	remark->title = arena_print(
		&diagnosis->arena,
		_("TIME_WAIT has been at its limit: %s connections ended without it since this "
		  "network namespace began"),
		words_count(diagnosis, (uint64_t)netns->counters.time_wait_overflows));
	remark->reason = arena_print(
		&diagnosis->arena,
		_("there is room now, %s of %s entries (tcp_max_tw_buckets); at such times "
		  "ports come back early, without protection from late segments"),
		words_count(diagnosis, (uint64_t)netns->counters.time_wait_now),
		words_count(diagnosis, (uint64_t)netns->settings.max_tw_buckets));
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct netns *netns = &diagnosis->snapshot->namespaces[i];

		if (is_full(netns))
			report(rule, diagnosis, i);
		else if (netns->counters.time_wait_overflows > 0 &&
			 netns->counters.time_wait_now >= 0 &&
			 netns->settings.max_tw_buckets >= 0)
			remark(rule, diagnosis, i);
	}
}

const struct rule rule_time_wait_overflow = {
	.id = "time_wait_overflow",
	.title = N_("TIME_WAIT has reached its limit, and connections end without it"),
	.systems = RULE_LINUX,
	.check = check,
};
