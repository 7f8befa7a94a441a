#include "source/failures.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/evidence.h"
#include "source/artefact/etl/header.h"
#include "source/source.h"
#include "source/windows/refuse.h"
#include "source/windows/trace/consumer.h"
#include "source/windows/trace/etw_route.h"
#include "source/windows/trace/failure_process.h"
#include "source/windows/trace/failures_by.h"
#include "source/windows/trace/session.h"
#include "source/windows/trace/session_guard.h"
#include "source/windows/trace/watched.h"
#include "system/clock.h"
#include "system/ending.h"

#include <stdlib.h>

/*
 * By event tracing: a session of our own (session.h) gathers what Winsock-AFD and TCP/IP tell (watched.h), a thread takes it
 * (consumer.h), and here what failed gets its process and is handed on. The system hands over its buffers once a second, so
 * that a failure is told up to a second after it was.
 *
 * The session is stopped exactly once, on every path. The lost events are the system's count of all events of the session, as
 * it does not know which of them tell of a failure.
 */
enum { QUERY_EVERY_MS = 1000 };

struct failures {
	struct etw_route route;
	struct session session;
	struct consumer *consumer;
	struct failure_coverage coverage[FAILURE_KIND_COUNT];
	struct failures_counts counts;
	struct failure_processes *processes;
	const struct ending *ending;
	int32_t pid;
	bool all;
	int64_t queried_ms;
};

/* ---- opening ---- */

static const char bind_alone[] = N_("only the bind() before it");
static const char not_cheap[] = "--cheap";
static const char no_afd[] = N_("Winsock-AFD gives no events");
static const char no_tcpip[] = N_("TCPIP gives no events");

/* AFD tells of every call but listen(), which Winsock lets no program do without bind(); TCP/IP where it looks for a port. */
static void note_coverage(struct failure_coverage coverage[FAILURE_KIND_COUNT],
			  const struct watched *watched, bool cheap)
{
	const char *why_no_afd = watched->afd ? NULL : cheap ? not_cheap : no_afd;

	coverage[FAILURE_TCP_CONNECT].covered = true;
	coverage[FAILURE_ANY_BIND].covered = true;
	coverage[FAILURE_TCP_LISTEN] =
		(struct failure_coverage){ watched->tcpip, watched->tcpip ? NULL : no_tcpip };
	coverage[FAILURE_UDP_CONNECT] = (struct failure_coverage){ watched->afd, why_no_afd };
	coverage[FAILURE_UDP_SEND].remark = bind_alone;
}

static int start(struct failures *failures, bool cheap, struct error *error)
{
	struct watched watched;

	if (session_start(&failures->session, &failures->route, NULL, error))
		return -1;
	/* Who catches what ends a program stops the session by failures_close(). */
	if (!failures->ending)
		session_guard(&failures->session);
	/* The reader is there before there is something to read. */
	failures->consumer = consumer_open(&failures->session, error);
	if (!failures->consumer ||
	    watched_enable(&failures->session, cheap, false, &watched, error))
		return -1;
	note_coverage(failures->coverage, &watched, cheap);
	return 0;
}

struct failures *failures_open_by(const struct etw_route *route,
				  const struct failures_request *request, struct error *error)
{
	struct failures *failures = memory_zeroed(1, sizeof *failures);

	failures->ending = request->ending;
	failures->pid = request->pid;
	failures->all = request->all;
	failures->route = *route;
	failures->processes = failure_processes_new();
	if (!refuse_request(request->where, error) && !start(failures, request->cheap, error))
		return failures;
	failures_close(failures);
	return NULL;
}

struct failures *failures_open(const struct failures_request *request, struct error *error)
{
	struct etw_route route;

	if (!etw_route_find(&route)) {
		error_set(error, "%s", _("event tracing is not available on this system"));
		return NULL;
	}
	return failures_open_by(&route, request, error);
}

void failures_stop(struct failures *failures)
{
	session_unguard(&failures->session);
	session_stop(&failures->session);
	if (failures->consumer)
		consumer_drain(failures->consumer);
}

void failures_close(struct failures *failures)
{
	if (!failures)
		return;
	failures_stop(failures);
	consumer_close(failures->consumer);
	failure_processes_free(failures->processes);
	free(failures);
}

bool failures_sees_other_reasons(void)
{
	return true;
}

/* ---- what is known of it ---- */

const char *failures_source(const struct failures *failures)
{
	(void)failures;
	return "etw";
}

const char *failures_why_not_bpf(struct failures *failures)
{
	(void)failures;
	return NULL;
}

const struct failure_coverage *failures_coverage(const struct failures *failures,
						 enum failure_kind kind)
{
	return &failures->coverage[kind];
}

unsigned failures_slows_calls_ns(const struct failures *failures)
{
	(void)failures;
	return 0;
}

struct failures_counts failures_counts(const struct failures *failures)
{
	return failures->counts;
}

/* A buffer that was lost had an event at least. Where the system does not say how many, it has at least told that it did. */
static void count(struct failures *failures)
{
	const struct session *session = &failures->session;
	struct etw_live_counts live = consumer_counts(failures->consumer);
	uint64_t lost = session->events_lost + session->buffers_lost;

	failures->counts.lost =
		live.dropped + (lost > live.lost_notes ? lost : live.lost_notes);
	failures->counts.lost_are_events = true;
	failures->counts.unread = live.unread;
}

/* ---- failures ---- */

static bool tell(struct failures *failures, const struct etw_told *told,
		 bool (*take)(void *context, const struct failure *failure), void *context)
{
	static const struct etl_header clock = { .clock = ETL_CLOCK_SYSTEM };
	const struct traced_failure traced = failed_as_traced(&told->failed);
	struct failure failure = traced_failure_told(&traced, told->failed.call.local_port,
						     etl_time_ms(&clock, told->failed.time));

	if ((failures->pid && told->pid != (uint32_t)failures->pid) ||
	    (failure.other_reason && !failures->all))
		return true;
	failure.error = failure_winsock_name(failure.ntstatus);
	failure.process =
		failure_process(failures->processes, told->pid, told->name, failure.time_ms);
	failures->counts.told++;
	return take(context, &failure);
}

/* How many events there were of the system that could be told; all of them, where no more will come. */
static size_t tell_all(struct failures *failures, bool all,
		       bool (*take)(void *context, const struct failure *failure),
		       void *context)
{
	struct etw_told_list list = { 0 };
	bool go_on = true;
	size_t count;

	consumer_take(failures->consumer, all, &list);
	for (size_t i = 0; i < list.count && go_on; i++)
		go_on = tell(failures, &list.items[i], take, context);
	count = list.count;
	free(list.items);
	return count;
}

/* Until some are told or the time is over. Whether no more will come: asked first, so that what came before that is told. */
static bool wait_and_tell(struct failures *failures, int64_t until_ms,
			  bool (*take)(void *context, const struct failure *failure),
			  void *context)
{
	intptr_t ending = failures->ending ? ending_handle(failures->ending) : 0;

	for (;;) {
		bool is_over = consumer_has_ended(failures->consumer);
		int64_t left_ms;

		if (tell_all(failures, is_over || !failures->session.runs, take, context) ||
		    is_over || ending_was_asked(failures->ending))
			return is_over;
		left_ms = until_ms - clock_monotonic_ms();
		if (left_ms <= 0)
			return false;
		consumer_wait(failures->consumer, (int)left_ms, ending);
	}
}

static void query(struct failures *failures)
{
	int64_t now = clock_monotonic_ms();

	if (!failures->session.runs || now - failures->queried_ms < QUERY_EVERY_MS)
		return;
	failures->queried_ms = now;
	(void)session_query(&failures->session);
}

int failures_poll(struct failures *failures, int timeout_ms,
		  bool (*take)(void *context, const struct failure *failure), void *context,
		  struct error *error)
{
	bool is_over =
		wait_and_tell(failures, clock_monotonic_ms() + timeout_ms, take, context);

	query(failures);
	count(failures);
	if (failures->session.runs && is_over)
		return error_set(error,
				 _("event tracing: somebody has ended the session; what "
				   "fails from now on is not seen"));
	return 0;
}
