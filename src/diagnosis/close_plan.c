#include "diagnosis/close_plan.h"

#include "base/language.h"
#include "diagnosis/remedy.h"

#include <stdlib.h>

void close_plan_begin(struct close_plan *plan, const struct diagnosis *diagnosis)
{
	*plan = (struct close_plan){
		.closed = memory_zeroed(diagnosis->snapshot->holding_count + 1,
					sizeof *plan->closed),
		.ended = memory_zeroed(diagnosis->snapshot->process_count + 1,
				       sizeof *plan->ended),
	};
}

static bool is_of(const struct holding *holding, const struct socket_record *record)
{
	const struct holding_key *key = &holding->key;

	if (key->protocol != record->protocol || key->state != record->state ||
	    !address_equal(&key->local, &record->local) ||
	    !port_set_has(&holding->ports, record->local_port))
		return false;
	/* Of what serves clients the remote end is left out. */
	return !key->remote_port || (key->remote_port == record->remote_port &&
				     address_equal(&key->remote, &record->remote));
}

bool close_plan_add(struct close_plan *plan, const struct diagnosis *diagnosis, uint32_t netns,
		    const struct socket_record *record)
{
	const struct snapshot *snapshot = diagnosis->snapshot;

	snapshot_each_holding(holding, snapshot, netns) {
		/* Several clients on one port of a server: it stays in use. */
		if (!is_of(holding, record) || holding->key.inbound)
			continue;
		port_set_add(&plan->closed[holding - snapshot->holdings], record->local_port);
		return true;
	}
	return false;
}

bool close_plan_end(struct close_plan *plan, const struct diagnosis *diagnosis, int32_t pid,
		    uint64_t start_ticks)
{
	const struct snapshot *snapshot = diagnosis->snapshot;

	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].pid == pid &&
		    snapshot->processes[i].start_ticks == start_ticks)
			return plan->ended[i] = plan->ends = true;
	return false;
}

static unsigned count_of(const struct close_plan *plan, const struct snapshot *snapshot,
			 size_t index)
{
	const struct holding *holding = &snapshot->holdings[index];

	if (holding->key.owner_kind == OWNER_PROCESS && plan->ended[holding->key.owner])
		return holding->ports.count;
	return plan->closed[index].count;
}

static unsigned count_towards(const struct close_plan *plan, const struct snapshot *snapshot,
			      const struct destination *destination)
{
	unsigned count = 0;

	for (size_t i = 0; i < destination->holding_count; i++)
		count += count_of(plan, snapshot, destination->holdings[i]);
	return count;
}

static void keep(struct close_plan *plan, const struct destination *destination,
		 unsigned closed)
{
	size_t at = plan->room_count;

	while (at && plan->rooms[at - 1].closed < closed)
		at--;
	if (at >= CLOSE_PLAN_ROOMS)
		return;
	if (plan->room_count < CLOSE_PLAN_ROOMS)
		plan->room_count++;
	for (size_t i = plan->room_count - 1; i > at; i--)
		plan->rooms[i] = plan->rooms[i - 1];
	plan->rooms[at] = (struct close_room){
		.query = remedy_query(destination),
		.before = destination->capacity,
		.closed = closed,
	};
}

static struct capacity room_after(const struct close_plan *plan, struct diagnosis *diagnosis,
				  const struct close_room *room)
{
	const struct capacity_query *query = &room->query;
	struct capacity_change change = { .closed = plan->closed };
	struct capacity after, most;

	if (!plan->ends)
		return remedy_capacity(diagnosis, query, &change);
	change = (struct capacity_change){ .without_process = true,
					   .process = UINT32_MAX,
					   .ended = plan->ended,
					   .connections_rest = true };
	after = remedy_capacity(diagnosis, query, &change);
	change.connections_rest = false;
	most = remedy_capacity(diagnosis, query, &change);
	if (most.room_max > after.room_max) {
		after.room_max = most.room_max;
		after.exact = false;
		after.why_not_exact =
			_("which of its connections rest when it ends is not known");
	}
	if (plan->shared && room->before.room_min < after.room_min) {
		after.room_min = room->before.room_min;
		after.exact = false;
		after.why_not_exact = _("other processes have some of its sockets open, too");
	}
	return after;
}

void close_plan_model(struct close_plan *plan, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		unsigned closed =
			count_towards(plan, diagnosis->snapshot, &diagnosis->destinations[i]);

		if (closed)
			keep(plan, &diagnosis->destinations[i], closed);
	}
	for (size_t i = 0; i < plan->room_count; i++)
		plan->rooms[i].after = room_after(plan, diagnosis, &plan->rooms[i]);
}

void close_plan_free(struct close_plan *plan, const struct diagnosis *diagnosis)
{
	for (size_t i = 0; plan->closed && i < diagnosis->snapshot->holding_count; i++)
		port_set_free(&plan->closed[i]);
	free(plan->closed);
	free(plan->ended);
	plan->closed = NULL;
	plan->ended = NULL;
}
