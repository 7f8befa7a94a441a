#pragma once

#include "source/source.h"

#include <stdbool.h>
#include <stddef.h>

struct reading;

/*
 * Which source of sockets is the best for this machine: BPF costs some milliseconds before it reads
 * the first socket, and a fraction of the others for each.
 */

/* Whether that source may be used at all: --source may name another. */
bool choice_allows(const struct reading *reading, const char *source);

/* Whether the snapshot, made by another source, left open what BPF would have read: the kind of a port, or
 * whether a TIME_WAIT had timestamps. Then it is worth a second reading even of a small machine. */
bool choice_wants_more(const struct source_request *request, const struct snapshot *snapshot);

/* Begins a pass by BPF, or the next best, its iterators, if the sockets that the machine counts, or so many
 * namespaces, are worth it; else why_not of reading->bpf_tables and bpf_iter tells why. May be asked again
 * when more is known. -1 with a sentence where --source wants one alone and it cannot be had. */
int choice_of_bpf(struct reading *reading, size_t namespaces, struct error *error);

/* Whether one of the two was begun. */
bool choice_is_bpf(const struct reading *reading);
