#include "command/trace_room.h"

#include "base/arena.h"
#include "diagnosis/capacity.h"
#include "snapshot/dynamic_ports.h"
#include "system/clock.h"

#include <stdlib.h>

/*
 * The machine is read here, in the thread that tells the failures: what fails meanwhile waits in the thread that takes events,
 * and has room there. Only the tables of sockets and the ranges are read, and no process is looked at; a twentieth of the
 * time at most.
 *
 * The room of connect() is mostly an interval, as whether Windows shares a port between destinations is not visible. Where the
 * range itself is not known but assumed there is none.
 */
enum { FRESH_MS = 1000, REST_FACTOR = 20 };

struct trace_rooms {
	const struct source_request *request;
	struct snapshot snapshot;
	struct port_map *map; /* NULL: there is no reading */
	int64_t read_ms, next_ms;
};

struct trace_rooms *trace_rooms_new(const struct source_request *request, bool by_bpf)
{
	struct trace_rooms *rooms = memory_zeroed(1, sizeof *rooms);

	(void)by_bpf;
	rooms->request = request;
	return rooms;
}

static void dismiss(struct trace_rooms *rooms)
{
	if (!rooms->map)
		return;
	port_map_free(rooms->map);
	snapshot_free(&rooms->snapshot);
	rooms->map = NULL;
}

void trace_rooms_free(struct trace_rooms *rooms)
{
	if (rooms)
		dismiss(rooms);
	free(rooms);
}

void trace_rooms_tick(struct trace_rooms *rooms)
{
	if (clock_monotonic_ms() - rooms->read_ms >= FRESH_MS)
		dismiss(rooms);
}

static void read_machine(struct trace_rooms *rooms)
{
	struct source_request request = *rooms->request;
	int64_t began = clock_monotonic_ms(), rest;
	struct error error;

	request.no_owners = true;
	request.no_port_test = true;
	if (!source_read(&request, &rooms->snapshot, &error))
		rooms->map = port_map_new(&rooms->snapshot, 0, NULL);
	else
		snapshot_free(&rooms->snapshot);
	rooms->read_ms = clock_monotonic_ms();
	rest = (rooms->read_ms - began) * REST_FACTOR;
	rooms->next_ms = rooms->read_ms + (rest > FRESH_MS ? rest : FRESH_MS);
}

static struct failure_room room_of(const struct trace_rooms *rooms,
				   const struct failure *failure)
{
	bool udp = failure->protocol == PROTOCOL_UDP;
	bool binds = failure->call != FAILURE_CONNECT;
	struct capacity_query query = {
		.kind = binds ? (udp ? CAPACITY_UDP_BIND : CAPACITY_BIND) :
				(udp ? CAPACITY_UDP_CONNECT : CAPACITY_CONNECT),
		.source = failure->source,
		.destination = failure->destination,
		.port = failure->port,
	};
	uint8_t family = query.source.family ? query.source.family : query.destination.family;
	struct capacity capacity;

	if (dynamic_ports_of(&rooms->snapshot, 0, failure->protocol, family).assumed)
		return (struct failure_room){ 0 };
	capacity = capacity_of(rooms->map, &query);
	return (struct failure_room){
		.known = capacity.known,
		.min = capacity.room_min,
		.max = capacity.room_max,
		.time_ms = rooms->snapshot.time_ms,
	};
}

/* A block of ports takes more than one, and one that was asked for by its number is no question of room. */
struct failure_room trace_rooms_ask(struct trace_rooms *rooms, const struct failure *failure)
{
	bool has_address = failure->source.family || failure->destination.family;

	if (failure->other_reason || !failure->protocol_known || !has_address ||
	    failure->call == FAILURE_RESERVE)
		return (struct failure_room){ 0 };
	trace_rooms_tick(rooms);
	if (!rooms->map && clock_monotonic_ms() >= rooms->next_ms)
		read_machine(rooms);
	return rooms->map ? room_of(rooms, failure) : (struct failure_room){ 0 };
}
