#include "source/artefact/etl/failed.h"

#include "base/arena.h"
#include "snapshot/evidence.h"
#include "source/artefact/etl/eprocess.h"
#include "source/artefact/etl/event.h"

#include <stdlib.h>
#include <string.h>

void failed_add(struct failed *failed, const struct etw_event *event,
		const struct etw_call *call)
{
	array_reserve(failed->items, failed->count, failed->capacity);
	failed->items[failed->count++] = (struct failed_call){
		.call = *call,
		.time = event->time,
		.thread = event->thread,
		.header_pid = event->process,
		.order = failed->came++,
		.local_since = INT64_MIN,
		.remote_since = INT64_MIN,
	};
}

void failed_free(struct failed *failed)
{
	free(failed->items);
	*failed = (struct failed){ 0 };
}

void failed_drop(struct failed *failed, size_t count)
{
	if (!count)
		return;
	failed->count -= count;
	memmove(failed->items, failed->items + count, failed->count * sizeof *failed->items);
}

/* ---- order ---- */

static int by_time(const void *a, const void *b)
{
	const struct failed_call *left = a, *right = b;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

static int by_endpoint(const void *a, const void *b)
{
	const struct failed_call *left = a, *right = b;

	if (left->call.endpoint != right->call.endpoint)
		return left->call.endpoint < right->call.endpoint ? -1 : 1;
	return by_time(a, b);
}

static void sort(struct failed *failed, int (*compare)(const void *a, const void *b))
{
	if (failed->count)
		qsort(failed->items, failed->count, sizeof *failed->items, compare);
}

static size_t mark_of(uint64_t endpoint)
{
	return (size_t)(endpoint * UINT64_C(0x9e3779b97f4a7c15) >> 32) % FAILED_MARKS;
}

void failed_by_endpoint(struct failed *failed)
{
	sort(failed, by_endpoint);
	for (size_t i = 0; i < failed->count; i++) {
		size_t mark = mark_of(failed->items[i].call.endpoint);

		failed->marks[mark / 64] |= UINT64_C(1) << mark % 64;
	}
}

bool failed_may_pair(const struct failed *failed, uint64_t endpoint)
{
	size_t mark = mark_of(endpoint);

	return failed->marks[mark / 64] >> mark % 64 & 1;
}

void failed_by_time(struct failed *failed)
{
	sort(failed, by_time);
}

/* ---- what other events tell ---- */

/* The first call of the endpoint that is not earlier; NULL: none. */
static struct failed_call *find_next(struct failed *failed, uint64_t endpoint, int64_t time)
{
	size_t first = 0, last = failed->count;

	while (first < last) {
		size_t middle = first + (last - first) / 2;
		const struct failed_call *each = &failed->items[middle];

		if (each->call.endpoint < endpoint ||
		    (each->call.endpoint == endpoint && each->time < time))
			first = middle + 1;
		else
			last = middle;
	}
	if (first == failed->count || failed->items[first].call.endpoint != endpoint)
		return NULL;
	return &failed->items[first];
}

void failed_pair(struct failed *failed, const struct etw_event *event,
		 const struct etw_call *call)
{
	struct failed_call *next;

	if (!call->endpoint || etw_call_failed(call))
		return;
	next = find_next(failed, call->endpoint, event->time);
	if (!next)
		return;
	if (call->kind == CALL_CREATE) {
		next->call.pid = call->pid;
		next->call.protocol_known = call->protocol_known;
		next->call.protocol = call->protocol;
	}
	if (call->local.family && event->time >= next->local_since &&
	    (!next->call.local.family || next->local_since != INT64_MIN)) {
		next->call.local = call->local;
		next->call.local_port = call->local_port;
		next->local_since = event->time;
	}
	if (call->remote.family && next->call.kind == CALL_CONNECT &&
	    event->time >= next->remote_since &&
	    (!next->call.remote.family || next->remote_since != INT64_MIN)) {
		next->call.remote = call->remote;
		next->call.remote_port = call->remote_port;
		next->remote_since = event->time;
	}
}

void failed_spread(struct failed *failed)
{
	for (size_t i = 1; i < failed->count; i++) {
		const struct etw_call *before = &failed->items[i - 1].call;
		struct etw_call *call = &failed->items[i].call;

		if (!call->endpoint || call->endpoint != before->endpoint)
			continue;
		if (!call->pid)
			call->pid = before->pid;
		if (!call->protocol_known) {
			call->protocol_known = before->protocol_known;
			call->protocol = before->protocol;
		}
		/* What a bind asked for that failed is not the socket's. */
		if (call->kind == CALL_CONNECT && before->kind == CALL_CONNECT &&
		    !call->local.family) {
			call->local = before->local;
			call->local_port = before->local_port;
		}
	}
}

/* ---- told twice ---- */

static bool same_address(const struct address *a, const struct address *b)
{
	return !a->family || !b->family || address_equal(a, b);
}

/* A listener binds, too. */
static bool same_kind(enum etw_call_kind transport, enum etw_call_kind afd)
{
	return transport == afd || (transport == CALL_LISTEN && afd == CALL_BIND);
}

/* TCP/IP tells it within the call, in the same thread; or names the same process. */
static bool is_same(const struct failed_call *transport, const struct failed_call *afd)
{
	const struct etw_call *a = &transport->call, *b = &afd->call;

	if (afd->told || b->by_transport || !same_kind(a->kind, b->kind) ||
	    a->status != b->status || !same_address(&a->local, &b->local) ||
	    !same_address(&a->remote, &b->remote))
		return false;
	if (b->protocol_known && a->protocol != b->protocol)
		return false;
	if (transport->thread && afd->thread)
		return transport->thread == afd->thread;
	return a->pid && (a->pid == b->pid || a->pid == afd->header_pid);
}

static void join(struct failed_call *transport, struct failed_call *afd)
{
	struct etw_call *from = &transport->call, *to = &afd->call;

	transport->told = true;
	if (!to->pid)
		to->pid = from->pid;
	if (!to->local.family) {
		to->local = from->local;
		to->local_port = from->local_port;
	}
	if (!to->remote.family) {
		to->remote = from->remote;
		to->remote_port = from->remote_port;
	}
	to->protocol_known = true;
	to->protocol = from->protocol;
	to->by_transport = true;
}

void failed_join(struct failed *failed, size_t count, int64_t close)
{
	enum { LOOK_AHEAD = 256 };

	for (size_t i = 0; i < count; i++) {
		struct failed_call *transport = &failed->items[i];

		if (!transport->call.by_transport || transport->told)
			continue;
		for (size_t j = i + 1;
		     j < failed->count && j - i <= LOOK_AHEAD &&
		     (uint64_t)failed->items[j].time - (uint64_t)transport->time <=
			     (uint64_t)close;
		     j++)
			if (is_same(transport, &failed->items[j])) {
				join(transport, &failed->items[j]);
				break;
			}
	}
}

/* ---- what is known of one ---- */

/* A bind runs in its caller's thread, and what finds no port fails at once in it; what else a connect ends with may be
 * logged in any. */
uint32_t failed_pid(const struct failed_call *failed, const struct eprocesses *processes)
{
	const struct etw_call *call = &failed->call;
	uint32_t pid = call->pid;

	if (!pid)
		pid = eprocess_pid(processes, call->process, failed->time);
	if (!pid && (call->kind != CALL_CONNECT || call->by_transport ||
		     call->status == (uint32_t)NTSTATUS_TOO_MANY_ADDRESSES))
		pid = failed->header_pid;
	if (!pid)
		pid = eprocess_first_pid(processes, call->process);
	return pid <= INT32_MAX ? pid : 0;
}

struct traced_failure failed_as_traced(const struct failed_call *failed)
{
	static const enum failure_call calls[] = {
		[CALL_BIND] = FAILURE_BIND,
		[CALL_CONNECT] = FAILURE_CONNECT,
		[CALL_LISTEN] = FAILURE_LISTEN,
		[CALL_RESERVE] = FAILURE_RESERVE,
	};
	const struct etw_call *call = &failed->call;

	return (struct traced_failure){
		.call = calls[call->kind],
		.protocol_known = call->protocol_known,
		.protocol = call->protocol,
		.status = call->status,
		.process = -1,
		.local = call->local,
		.remote = call->remote,
		.remote_port = call->remote_port,
		.ephemeral = call->kind != CALL_RESERVE && !call->local_port,
		.by_transport = call->by_transport,
	};
}
