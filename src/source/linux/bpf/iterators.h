#pragma once

#include "source/linux/bpf/walk.h"

#include "snapshot/socket.h"

/*
 * The iterators over sockets and over descriptors (bpf/iterators.bpf.c), loaded and read. What they find
 * is handed over in pieces, which are valid until the call-back returns.
 */
struct bpf_iterators;

/* NULL with the reason in `error` where they are not to be had. To be ended by bpf_iterators_close(). */
struct bpf_iterators *bpf_iterators_open(struct error *error);
void bpf_iterators_close(struct bpf_iterators *iterators);

/* The descriptors of all processes in this pid namespace: SEEN_PROCESS, then what belongs to it; of sockets,
 * `only_bound` ones or all. */
int bpf_iterators_descriptors(struct bpf_iterators *iterators, bool only_bound,
			      bpf_walk_callback take, void *context, struct error *error);

/*
 * The sockets of the network namespace that this thread is in, as SEEN_SOCKET; those of TCP with the owner of
 * their port. Each that stays for the time of the reading, in one state, comes once. Before Linux 6.17
 * that is not certain of TCP sockets in chains of more than 64, before 6.16 of more than 512 UDP sockets.
 */
int bpf_iterators_sockets(struct bpf_iterators *iterators, enum protocol protocol,
			  bpf_walk_callback take, void *context, struct error *error);

/* After the descriptors were read: whether this kernel's sock_diag shows bound-only sockets. */
bool bpf_iterators_shows_bound(const struct bpf_iterators *iterators);
