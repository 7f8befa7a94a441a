#pragma once

#include "base/error.h"
#include "snapshot/socket.h"

struct reading;

/*
 * Sockets by the kernel's own iterators, by BPF, each namespace by itself, with the owner of each port.
 * See bpf/iterators.h for what is guaranteed.
 */

/* Loads the programs and reads who has which socket open into reading->descriptors. -1 with the reason where
 * that cannot be had, and nothing is changed; else reading->iterators is there, until iterators_end(). */
int iterators_begin(struct reading *reading, struct error *error);
void iterators_end(struct reading *reading);

/* The sockets of the namespace this thread is in; what is known of the kinds of ports is noted there. */
int iterators_read(struct reading *reading, enum protocol protocol, struct error *error);

/* The bound-only ones among them, which only descriptors lead to. */
void iterators_take_bound(struct reading *reading);
