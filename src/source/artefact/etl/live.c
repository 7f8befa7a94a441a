#include "source/artefact/etl/live.h"

#include "base/arena.h"
#include "source/artefact/etl/afd.h"
#include "source/artefact/etl/eprocess.h"
#include "source/artefact/etl/event.h"
#include "source/artefact/etl/names.h"
#include "source/artefact/etl/providers.h"
#include "source/artefact/etl/sockets.h"
#include "source/artefact/etl/tcpip.h"

#include <stdio.h>
#include <stdlib.h>

/* How many failing calls wait at most, and how many processes are remembered; then the latter are learned anew. */
enum { MOST_WAITING = 1 << 16, MOST_PROCESSES = 1 << 15 };

/* AFD and TCP/IP tell of one call within that time. */
enum { CLOSE_100NS = 1000000 };

struct etw_live {
	struct etw_sockets sockets;
	struct eprocesses processes;
	struct names names;
	struct failed failed;
	struct etw_live_counts counts;
};

struct etw_live *etw_live_new(void)
{
	return memory_zeroed(1, sizeof(struct etw_live));
}

void etw_live_free(struct etw_live *live)
{
	if (!live)
		return;
	eprocesses_free(&live->processes);
	names_free(&live->names);
	failed_free(&live->failed);
	free(live);
}

/* ---- events ---- */

static void learn_process(struct etw_live *live, uint64_t process, uint32_t pid, int64_t time)
{
	if (live->processes.count >= MOST_PROCESSES)
		eprocesses_free(&live->processes);
	eprocess_learn(&live->processes, process, pid, time);
}

static void add(struct etw_live *live, const struct etw_event *event,
		const struct etw_call *call, int64_t now_ms)
{
	if (live->failed.count >= MOST_WAITING) {
		live->counts.dropped++;
		return;
	}
	failed_add(&live->failed, event, call);
	live->failed.items[live->failed.count - 1].came = now_ms;
}

static void take_afd(struct etw_live *live, const struct etw_event *event, int64_t now_ms)
{
	enum afd_result result;
	struct etw_call call;
	uint64_t process;
	uint32_t pid;

	if (afd_closes(event)) {
		etw_sockets_forget(&live->sockets, afd_endpoint(event));
		return;
	}
	result = afd_read(event, &call);
	live->counts.unread += result == AFD_UNKNOWN;
	if (afd_learn(event, &process, &pid))
		learn_process(live, process, pid, event->time);
	if (result != AFD_CALL)
		return;
	if (call.kind == CALL_CREATE && !etw_call_failed(&call))
		learn_process(live, call.process, call.pid, event->time);
	etw_sockets_take(&live->sockets, &call);
	if (etw_call_failed(&call) && call.kind != CALL_CREATE)
		add(live, event, &call, now_ms);
}

static void take_tcpip(struct etw_live *live, const struct etw_event *event, int64_t now_ms)
{
	struct etw_call call;
	enum tcpip_result result = tcpip_read(event, &call);

	live->counts.unread += result == TCPIP_UNKNOWN;
	if (result == TCPIP_CALL && etw_call_failed(&call))
		add(live, event, &call, now_ms);
}

bool etw_live_take(struct etw_live *live, const struct etw_event *event, int64_t now_ms)
{
	size_t before = live->failed.count;

	switch (provider_of(event->provider)) {
	case PROVIDER_AFD:
		take_afd(live, event, now_ms);
		break;
	case PROVIDER_TCPIP:
		take_tcpip(live, event, now_ms);
		break;
	case PROVIDER_PROCESS:
		names_add(&live->names, event);
		break;
	case PROVIDER_LOST:
		live->counts.lost_notes++;
		break;
	default:
		break;
	}
	return live->failed.count > before;
}

/* ---- handing over ---- */

static bool is_ready(const struct failed_call *failed, int64_t now_ms)
{
	return !failed->call.by_transport || failed->told || failed->call.endpoint ||
	       now_ms - failed->came >= ETW_LIVE_WAITS_MS;
}

static void hand_over(const struct etw_live *live, const struct failed_call *failed,
		      struct etw_told_list *list)
{
	struct etw_told told = { .failed = *failed,
				 .pid = failed_pid(failed, &live->processes) };
	const char *name = told.pid ? names_of(&live->names, told.pid) : NULL;

	if (name)
		snprintf(told.name, sizeof told.name, "%s", name);
	array_reserve(list->items, list->count, list->capacity);
	list->items[list->count++] = told;
}

void etw_live_hand_over(struct etw_live *live, int64_t now_ms, bool all,
			struct etw_told_list *list)
{
	struct failed *failed = &live->failed;
	size_t done = 0;

	failed_by_time(failed);
	failed_join(failed, failed->count, CLOSE_100NS);
	/* None is told before one that was earlier. */
	for (; done < failed->count && (all || is_ready(&failed->items[done], now_ms)); done++)
		if (!failed->items[done].told)
			hand_over(live, &failed->items[done], list);
	failed_drop(failed, done);
}

bool etw_live_waits(const struct etw_live *live)
{
	return live->failed.count > 0;
}

struct etw_live_counts etw_live_counts(const struct etw_live *live)
{
	return live->counts;
}
