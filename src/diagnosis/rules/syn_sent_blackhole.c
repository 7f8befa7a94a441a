#include "base/language.h"
#include "diagnosis/remedy.h"
#include "diagnosis/syn_timeout.h"

/* Without a full destination, this share of the range in unanswered attempts is worth a warning. */
enum { SHARE_PERCENT = 20, SHARE_LEAST = 10 };

static bool is_many(const struct destination *destination)
{
	unsigned attempts = destination->states[SOCKET_SYN_SENT];

	return destination->capacity.known && attempts >= SHARE_LEAST &&
	       attempts * 100 >= SHARE_PERCENT * destination->capacity.eligible;
}

static const char *reason(struct diagnosis *diagnosis, const struct destination *destination,
			  const struct finding *finding, int timeout_s)
{
	const char *attempts = words_ports(diagnosis, destination->states[SOCKET_SYN_SENT]);
	const char *who = finding->culprit >= 0 ? words_process(diagnosis, finding->culprit) :
						  _("the program");

	if (finding->severity == SEVERITY_UNKNOWN)
		return destination->capacity.why_not_exact;
	if (timeout_s < 0)
		return arena_print(&diagnosis->arena,
				   _("nobody answers there: %s are held by attempts to "
				     "connect that still wait (SYN_SENT), most by %s"),
				   attempts, who);
	return arena_print(
		&diagnosis->arena,
		_("nobody answers there: %s are held by attempts to connect that still wait "
		  "(SYN_SENT), most by %s; each keeps its port for up to %d s "
		  "(net.ipv4.tcp_syn_retries)"),
		attempts, who, timeout_s);
}

static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct destination *destination)
{
	struct capacity_query query = remedy_query(destination);

	remedy_mend(
		finding,
		_("find out why nobody answers: the host may be down, a firewall may drop instead "
		  "of refuse, NAT or conntrack on the way may be full"),
		destination->capacity.room_min);
	remedy_advise(
		diagnosis, finding, ADVICE_TIMEOUT,
		_("give the program a connect timeout of a few seconds, after which it closes "
		  "the socket, and a pause before it tries again"),
		destination->capacity.room_min);
	remedy_syn_retries(diagnosis, finding, destination->netns);
	remedy_end_process(diagnosis, finding, &query, finding->culprit);
	rule_add_useless(finding,
			 _("more ports or addresses: attempts that nobody answers fill "
			   "them just as well"));
	rule_add_useless(finding,
			 _("tcp_tw_reuse, tcp_fin_timeout: these connections were never "
			   "made"));
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *destination = &diagnosis->destinations[i];
		const struct netns_settings *settings =
			&diagnosis->snapshot->namespaces[destination->netns].settings;
		int timeout_s =
			syn_timeout_s(settings->syn_retries, settings->syn_linear_timeouts);
		enum severity severity;
		struct finding *finding;

		if (rule_cause(diagnosis, destination, &severity) != CAUSE_SYN_SENT) {
			if (!is_many(destination))
				continue;
			severity = SEVERITY_WARNING;
		}
		finding = rule_destination_finding(diagnosis, rule, destination, severity);
		finding->culprit = rule_culprit(destination->shares, destination->share_count,
						SOCKET_SYN_SENT);
		rule_add_evidence(finding, "syn_sent", destination->states[SOCKET_SYN_SENT],
				  "ports");
		if (timeout_s >= 0)
			rule_add_evidence(finding, "syn_timeout", timeout_s, "s");
		finding->reason = reason(diagnosis, destination, finding, timeout_s);
		add_remedies(diagnosis, finding, destination);
	}
}

const struct rule rule_syn_sent_blackhole = {
	.id = "syn_sent_blackhole",
	.title = N_("Nobody answers attempts to connect, and each keeps a port"),
	.systems = RULE_LINUX,
	.check = check,
};
