#include "base/language.h"
#include "diagnosis/remedy.h"

/* Without a full destination, this share of the range in CLOSE_WAIT is a leak; workers of one service
 * may have it together. */
enum { LEAK_PERCENT = 20, LEAK_LEAST = 10 };

static bool is_leak(const struct destination *destination)
{
	const struct capacity *capacity = &destination->capacity;
	unsigned ports = destination->states[SOCKET_CLOSE_WAIT];

	return capacity->known && ports >= LEAK_LEAST &&
	       ports * 100 >= LEAK_PERCENT * capacity->eligible;
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *destination = &diagnosis->destinations[i];
		struct capacity_query query = remedy_query(destination);
		enum severity severity;
		struct finding *finding;

		if (rule_cause(diagnosis, destination, &severity) != CAUSE_CLOSE_WAIT) {
			if (!is_leak(destination))
				continue;
			severity = SEVERITY_WARNING;
		}
		finding = rule_destination_finding(diagnosis, rule, destination, severity);
		finding->culprit = rule_culprit(destination->shares, destination->share_count,
						SOCKET_CLOSE_WAIT);
		rule_add_evidence(finding, "close_wait",
				  destination->states[SOCKET_CLOSE_WAIT], "ports");
		finding->reason = arena_print(
			&diagnosis->arena,
			_("the peer has closed %s connections, but %s has not called close(): they stay until it does"),
			words_count(diagnosis, destination->states[SOCKET_CLOSE_WAIT]),
			finding->culprit >= 0 ? words_process(diagnosis, finding->culprit) :
						_("the program"));
		remedy_close_connections(diagnosis, finding, destination);
		remedy_advise(
			diagnosis, finding, ADVICE_CLOSE,
			_("mend the program: close the connection when the peer has closed it"),
			destination->capacity.room_min);
		remedy_end_process(diagnosis, finding, &query, finding->culprit);
		rule_add_useless(
			finding,
			_("tcp_fin_timeout, tcp_tw_reuse, keepalive: CLOSE_WAIT has no "
			  "time limit"));
	}
}

const struct rule rule_close_wait_leak = {
	.id = "close_wait_leak",
	.title = N_("A program does not close connections that the peer has closed"),
	.systems = RULE_LINUX,
	.check = check,
};
