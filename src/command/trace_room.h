#pragma once

#include "snapshot/failure.h"
#include "source/source.h"

/*
 * How much room there was for a call that failed: asked of the capacity model, after a reading of the call's
 * namespace. On Linux a process of its own reads, so that watching never waits for it longer than a quarter of a
 * second; once a second at most, and less often where reading is dear. A reading serves for a second. A
 * failure for which there is none has no room: null, and never a guess.
 */
struct trace_rooms;

/* `request`: how to read. It must live as long. `by_bpf`: BPF is to be had. */
struct trace_rooms *trace_rooms_new(const struct source_request *request, bool by_bpf);
void trace_rooms_free(struct trace_rooms *rooms);

struct failure_room trace_rooms_ask(struct trace_rooms *rooms, const struct failure *failure);

/* Lets go of a reading that is too old. To be called now and then. */
void trace_rooms_tick(struct trace_rooms *rooms);
