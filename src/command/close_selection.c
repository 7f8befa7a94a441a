#include "command/close_selection.h"

#include "base/arena.h"
#include "system/clock.h"

#include <stdlib.h>
#include <string.h>

enum { TIME_WAIT_MS = 60000 };

/* ---- which ---- */

struct taking {
	struct close_selection *selection;
	const struct filter *filter;
	bool owned;
};

static bool is_spared(const struct process *process)
{
	return process && close_spares(process->pid);
}

static void note_shared(struct close_selection *selection, uint32_t process)
{
	while (selection->shared_count <= process) {
		array_reserve(selection->shared, selection->shared_count,
			      selection->shared_capacity);
		selection->shared[selection->shared_count++] = 0;
	}
	selection->shared[process]++;
}

static void take_socket(void *context, const struct snapshot *snapshot, uint32_t netns,
			enum owner_kind owner_kind, uint32_t owner,
			const struct socket_record *record)
{
	const struct taking *taking = context;
	struct close_selection *selection = taking->selection;
	const struct process *process =
		owner_kind == OWNER_PROCESS ? &snapshot->processes[owner] : NULL;

	(void)netns;
	if (process && record->shared)
		note_shared(selection, owner);
	if (!filter_match(taking->filter, process, record))
		return;
	if (is_spared(process)) {
		selection->spared++;
		return;
	}
	/* Nobody who closes connections means his servers, unless he says so. */
	if ((record->state == SOCKET_LISTEN || record->state == SOCKET_UNCONNECTED) &&
	    !(taking->filter->states >> record->state & 1)) {
		selection->servers++;
		return;
	}
	if (taking->owned && !process) {
		selection->nobody++;
		return;
	}
	if (!close_can(record))
		selection->bound++;
	if (owner_kind == OWNER_HIDDEN)
		selection->hidden++;
	array_reserve(selection->items, selection->count, selection->capacity);
	selection->items[selection->count] = (struct picked){
		.record = *record,
		.process = process ? owner : UINT32_MAX,
	};
	/* The tables of Windows have none where there is no peer. */
	if (!record->remote.family)
		selection->items[selection->count].record.remote.family = record->local.family;
	selection->count++;
}

int close_select(struct close_selection *selection, const struct source_request *request,
		 const struct filter *filter, bool owned, struct error *error)
{
	struct taking taking = { .selection = selection, .filter = filter, .owned = owned };
	struct source_request each = *request;

	each.only = close_source;
	each.no_port_test = true;
	each.cookies = true;
	each.on_socket = take_socket;
	each.context = &taking;
	return source_read(&each, &selection->snapshot, error);
}

const struct process *close_owner(const struct close_selection *selection,
				  const struct picked *picked)
{
	return picked->process == UINT32_MAX ? NULL :
					       &selection->snapshot.processes[picked->process];
}

/* ---- how old they are ---- */

/* -1: nothing tells. A connection in FIN_WAIT2 that no process has rests like one in TIME_WAIT, for tcp_fin_timeout
 * (Linux net/ipv4/tcp_input.c, tcp_rcv_state_process()). Windows does not tell how long a state lasts. */
static int64_t age_of(const struct close_selection *selection, const struct picked *picked,
		      int fin_timeout_s)
{
	enum socket_state state = picked->record.state;

	if (selection->snapshot.windows)
		return picked->motion.known ? picked->motion.quiet_ms : -1;
	if (state == SOCKET_TIME_WAIT)
		return TIME_WAIT_MS - (int64_t)picked->record.expires_ms;
	if (state != SOCKET_CLOSE_WAIT && state != SOCKET_FIN_WAIT2)
		return -1;
	if (picked->motion.known)
		return picked->motion.quiet_ms;
	if (state != SOCKET_FIN_WAIT2 || fin_timeout_s < 0 || !picked->record.expires_ms)
		return -1;
	return (int64_t)fin_timeout_s * 1000 - (int64_t)picked->record.expires_ms;
}

static bool has_moved(const struct close_motion *before, const struct close_motion *now)
{
	return !now->known || before->bytes_sent != now->bytes_sent ||
	       before->bytes_received != now->bytes_received;
}

static bool is_watched(const struct close_selection *selection, const struct picked *picked,
		       int fin_timeout_s)
{
	return !picked->ageless && age_of(selection, picked, fin_timeout_s) < 0;
}

void close_judge_ages(struct close_selection *selection, struct closer *closer,
		      uint64_t min_age_ms, int fin_timeout_s)
{
	for (size_t i = 0; i < selection->count; i++) {
		struct picked *picked = &selection->items[i];
		int64_t age;

		if (picked->record.protocol == PROTOCOL_TCP &&
		    picked->record.state != SOCKET_TIME_WAIT)
			picked->motion = close_watch(closer, &picked->record);
		age = age_of(selection, picked, fin_timeout_s);
		if (age >= 0)
			picked->young = age < (int64_t)min_age_ms;
		else if (picked->motion.known)
			selection->watched = true;
		else
			picked->ageless = true;
	}
	if (!selection->watched)
		return;
	clock_rest_ms(min_age_ms);
	for (size_t i = 0; i < selection->count; i++) {
		struct picked *picked = &selection->items[i];
		struct close_motion now;

		if (!is_watched(selection, picked, fin_timeout_s))
			continue;
		now = close_watch(closer, &picked->record);
		picked->young = has_moved(&picked->motion, &now);
	}
}

/* ---- in groups ---- */

static int compare_numbers(uint64_t one, uint64_t other)
{
	return (one > other) - (one < other);
}

/* Of what a server has accepted, clients are as many as there are sockets: its port is what they share. */
static int compare_ends(const struct picked *one, const struct picked *other)
{
	const struct socket_record *a = &one->record, *b = &other->record;
	int order = memcmp(&a->local, &b->local, sizeof a->local);

	if (order)
		return order;
	if (one->accepted || a->state == SOCKET_LISTEN)
		return compare_numbers(a->local_port, b->local_port);
	order = memcmp(&a->remote, &b->remote, sizeof a->remote);
	return order ? order : compare_numbers(a->remote_port, b->remote_port);
}

/* 0: of one group. */
static int compare_items(const void *left, const void *right)
{
	const struct picked *one = left, *other = right;
	int order = compare_numbers(close_is_left(one), close_is_left(other));

	if (!order)
		order = compare_numbers(one->process, other->process);
	if (!order)
		order = compare_numbers(one->record.protocol, other->record.protocol);
	if (!order)
		order = compare_numbers(one->record.state, other->record.state);
	if (!order)
		order = compare_numbers(one->accepted, other->accepted);
	return order ? order : compare_ends(one, other);
}

static int compare_groups(const void *left, const void *right)
{
	const struct close_group *one = left, *other = right;
	int order = compare_numbers(other->count, one->count);

	return order ? order : compare_numbers(one->first, other->first);
}

static void add_group(struct close_selection *selection, size_t first)
{
	struct picked *picked = &selection->items[first];

	array_reserve(selection->groups, selection->group_count, selection->group_capacity);
	selection->groups[selection->group_count++] = (struct close_group){
		.process = close_owner(selection, picked),
		.like = &picked->record,
		.accepted = picked->accepted,
		.first = first,
	};
}

static void find_processes(struct close_selection *selection)
{
	bool *seen = memory_zeroed(selection->snapshot.process_count + 1, sizeof *seen);

	selection->processes =
		memory_zeroed(selection->group_count + 1, sizeof *selection->processes);
	for (size_t i = 0; i < selection->group_count; i++) {
		const struct process *process = selection->groups[i].process;

		if (!process || seen[process - selection->snapshot.processes])
			continue;
		seen[process - selection->snapshot.processes] = true;
		selection->processes[selection->process_count++].process = process;
	}
	free(seen);
}

void close_group(struct close_selection *selection, const struct port_set *listening)
{
	for (size_t i = 0; i < selection->count; i++) {
		struct picked *picked = &selection->items[i];
		const struct socket_record *record = &picked->record;

		picked->accepted =
			record->state != SOCKET_LISTEN &&
			port_set_has(&listening[record->protocol], record->local_port);
		selection->young += picked->young;
		selection->ageless += picked->ageless;
	}
	qsort(selection->items, selection->count, sizeof *selection->items, compare_items);
	for (size_t i = 0; i < selection->count && !close_is_left(&selection->items[i]); i++) {
		if (!i || compare_items(&selection->items[i - 1], &selection->items[i]))
			add_group(selection, i);
		selection->groups[selection->group_count - 1].count++;
	}
	if (selection->group_count)
		qsort(selection->groups, selection->group_count, sizeof *selection->groups,
		      compare_groups);
	find_processes(selection);
}

unsigned close_shared(const struct close_selection *selection)
{
	unsigned shared = 0;

	for (size_t i = 0; i < selection->process_count; i++) {
		size_t process = (size_t)(selection->processes[i].process -
					  selection->snapshot.processes);

		if (process < selection->shared_count)
			shared += selection->shared[process];
	}
	return shared;
}

void close_selection_free(struct close_selection *selection)
{
	free(selection->items);
	free(selection->groups);
	free(selection->processes);
	free(selection->shared);
	snapshot_free(&selection->snapshot);
}
