#include "command/trace_room.h"

#include "base/arena.h"

#include <stdlib.h>

struct trace_rooms {
	const struct source_request *request;
};

struct trace_rooms *trace_rooms_new(const struct source_request *request, bool by_bpf)
{
	struct trace_rooms *rooms = memory_zeroed(1, sizeof *rooms);

	(void)by_bpf;
	rooms->request = request;
	return rooms;
}

void trace_rooms_free(struct trace_rooms *rooms)
{
	free(rooms);
}

void trace_rooms_tick(struct trace_rooms *rooms)
{
	(void)rooms;
}

/* Whether there was room when the call failed is not known afterwards: the room of Windows is an interval, and none is guessed. */
struct trace_room trace_rooms_ask(struct trace_rooms *rooms, const struct failure *failure)
{
	(void)rooms;
	(void)failure;
	return (struct trace_room){ 0 };
}
