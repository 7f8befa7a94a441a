#include "base/language.h"
#include "diagnosis/capacity_windows.h"
#include "diagnosis/rule.h"
#include "diagnosis/windows_pool.h"

#include <string.h>

/*
 * What was sent, or what Windows hands over itself, shows neither that ports ran out nor that there is room. Room is only shown by a listing of all sockets that
 * shows bound ones, too: a trace or a log without failures tells of its own time alone, and Windows need not log each.
 */

/* netstat -q came with Windows 10 and Server 2016. */
enum { FIRST_WITH_BOUND = 10240 };

static const char *join(struct diagnosis *diagnosis, const char *text, const char *more)
{
	return text ? arena_print(&diagnosis->arena, _("%s; %s"), text, more) : more;
}

static const char *file_of(const struct diagnosis *diagnosis, uint32_t artefact)
{
	const struct evidence_facts *facts = &diagnosis->snapshot->evidence;

	return facts->artefacts[artefact].file + evidence_folder(facts);
}

static const char *trace_text(struct diagnosis *diagnosis, const struct traced_trace *trace)
{
	const char *file = file_of(diagnosis, trace->artefact);

	if (!traced_trace_shows_failures(trace))
		return arena_print(
			&diagnosis->arena,
			_("%s has no events of Winsock-AFD or TCPIP: it can neither "
			  "confirm nor rule out exhaustion"),
			file);
	if (trace->incomplete || trace->events_lost || trace->buffers_lost)
		return arena_print(
			&diagnosis->arena,
			_("%s has not all that happened, since events were lost or could "
			  "not be read: it can neither confirm nor rule out exhaustion"),
			file);
	if (trace->recording && trace->recording->filtered)
		return arena_print(
			&diagnosis->arena,
			_("%s has only those calls that options asked for: it can neither "
			  "confirm nor rule out exhaustion"),
			file);
	return arena_print(&diagnosis->arena,
			   _("%s shows no call that failed for want of a port while it was "
			     "taken, and tells nothing of other times"),
			   file);
}

/* It was looked at from some time on, and may not reach back that far. */
static const char *own_log_text(struct diagnosis *diagnosis, const struct logged_log *log)
{
	int64_t from_ms =
		log->oldest_ms > log->looked_from_ms ? log->oldest_ms : log->looked_from_ms;

	if (log->cleared)
		return arena_print(&diagnosis->arena, _("the log %s was cleared"),
				   log->channel);
	return arena_print(&diagnosis->arena,
			   _("the log %s has neither event 4231 nor 4266 since %s; that is "
			     "weak evidence of their absence"),
			   log->channel, words_time(diagnosis, from_ms));
}

static const char *log_text(struct diagnosis *diagnosis, const struct logged_log *log)
{
	const char *file = file_of(diagnosis, log->artefact);

	if (diagnosis->snapshot->evidence.own)
		return own_log_text(diagnosis, log);
	if (log->cleared)
		return arena_print(&diagnosis->arena, _("the log in %s was cleared"), file);
	if (log->excerpt)
		return arena_print(&diagnosis->arena,
				   _("%s is an excerpt: other events may have been left out"),
				   file);
	if (!log->oldest_ms)
		return arena_print(&diagnosis->arena,
				   _("the log in %s has neither event 4231 nor 4266"), file);
	return arena_print(&diagnosis->arena,
			   _("the log in %s, which begins at %s, has neither event 4231 nor "
			     "4266; that is weak evidence of their absence"),
			   file, words_time(diagnosis, log->oldest_ms));
}

/* What there is instead of a listing. */
static const char *others(struct diagnosis *diagnosis)
{
	enum { MOST = 3 };
	const struct evidence_facts *facts = &diagnosis->snapshot->evidence;
	const char *text = NULL;

	for (size_t i = 0; i < facts->trace_count && i < MOST; i++)
		text = join(diagnosis, text, trace_text(diagnosis, &facts->traces[i]));
	for (size_t i = 0, told = 0; i < facts->log_count && told < MOST; i++) {
		const char *more = log_text(diagnosis, &facts->logs[i]);

		/* A file may have several logs, and the same be true of them. */
		if (text && strstr(text, more))
			continue;
		text = join(diagnosis, text, more);
		told++;
	}
	return text;
}

static void add_sources(const struct diagnosis *diagnosis, struct finding *finding)
{
	const struct evidence_facts *facts = &diagnosis->snapshot->evidence;

	for (size_t i = 0; i < facts->trace_count; i++)
		strength_add_source(finding, facts->traces[i].artefact);
	for (size_t i = 0; i < facts->log_count; i++)
		strength_add_source(finding, facts->logs[i].artefact);
}

/* Of a machine that was looked at itself the gaps say what stood in the way: only what it lists on Windows 10 and later can help
 * beyond that. */
static void add_remedy(const struct diagnosis *diagnosis, struct finding *finding)
{
	const struct windows *windows = diagnosis->snapshot->windows;
	bool sent = evidence_was_sent(&diagnosis->snapshot->evidence);

	if (!sent && (windows->bound_listed || windows->build < FIRST_WITH_BOUND))
		return;
	rule_add_remedy(
		finding,
		(struct remedy){
			.text = sent ? _("take this on that machine, and give it with the rest") :
				       _("let netstat list them, and have portroom read it"),
			.command =
				sent ? "netstat -anoq > netstat.txt" :
				       "cmd /c \"netstat -anoq > netstat.txt & portroom read netstat.txt\"",
			.room_before = -1,
			.room_after_min = -1,
			.room_after_max = -1,
		});
}

static struct finding *report(const struct rule *rule, struct diagnosis *diagnosis,
			      const char *subject, const char *title, const char *reason)
{
	struct finding *finding = rule_add_finding(diagnosis, rule, 0, SEVERITY_UNKNOWN);
	const char *more = others(diagnosis);

	finding->subject = subject;
	finding->title = arena_print(&diagnosis->arena, _("%s: %s"), subject, title);
	finding->reason =
		more ? arena_print(&diagnosis->arena, _("%s; %s"), reason, more) : reason;
	add_sources(diagnosis, finding);
	add_remedy(diagnosis, finding);
	return finding;
}

static struct finding *check_pool(const struct rule *rule, struct diagnosis *diagnosis,
				  const struct pool *pool)
{
	bool wrong = capacity_windows_assumed_wrongly(
		diagnosis->snapshot, windows_pool_protocol(pool), pool->source.family);
	struct finding *finding;

	/* What is short by what was listed alone has its finding, unless the range is another. */
	if (diagnosis_severity(diagnosis, &pool->capacity) != SEVERITY_UNKNOWN &&
	    !(wrong && windows_pool_severity(diagnosis, pool) > SEVERITY_OK))
		return NULL;
	finding = report(
		rule, diagnosis, windows_pool_name(pool),
		arena_print(&diagnosis->arena,
			    _("at most %s of %s left; how many really are cannot be told"),
			    words_count(diagnosis, pool->capacity.room_max),
			    words_ports(diagnosis, pool->capacity.eligible)),
		pool->capacity.why_not_exact);
	strength_add_listing(diagnosis, finding, windows_pool_protocol(pool));
	return finding;
}

/* The fullest of a protocol stands for both families: what is missing is missing of both. */
static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct pool *tcp = windows_pool_fullest(diagnosis, PROTOCOL_TCP);
	const struct pool *udp = windows_pool_fullest(diagnosis, PROTOCOL_UDP);
	const char *nothing = _("how many ports are left cannot be told");
	bool sent = evidence_was_sent(&diagnosis->snapshot->evidence);
	const char *no_udp = sent ? _("there is no listing of the UDP sockets") :
				    _("the UDP sockets could not be listed");
	struct finding *unknown;

	if (rule_watched_alone(diagnosis) ||
	    rule_found(diagnosis, NULL, 0) >= SEVERITY_WARNING)
		return;
	if (!tcp) {
		report(rule, diagnosis, udp ? "tcp" : _("tcp and udp"), nothing,
		       sent ? _("there is no listing of the sockets") :
			      _("the sockets could not be listed"));
		return;
	}
	unknown = check_pool(rule, diagnosis, tcp);
	if (udp)
		check_pool(rule, diagnosis, udp);
	else if (unknown) /* the same is to be done about it */
		unknown->reason = join(diagnosis, unknown->reason, no_udp);
	else
		report(rule, diagnosis, "udp", nothing, no_udp);
}

const struct rule rule_windows_cannot_tell = {
	.id = "windows_cannot_tell",
	.title = N_("Windows: what is known cannot tell whether ports ran out"),
	.systems = RULE_WINDOWS,
	.check = check,
};
