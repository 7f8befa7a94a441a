#pragma once

#include "base/error.h"
#include "source/linux/bpf/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The walks through the kernel's tables (bpf/tables.bpf.c, bpf/descriptors.bpf.c), loaded and run.
 * Each hands over what it finds in pieces, which are valid until the call-back returns.
 */
struct bpf_walk;

enum bpf_table { BPF_TABLE_CONNECTIONS, BPF_TABLE_LISTENERS, BPF_TABLE_PORTS, BPF_TABLE_UDP };

typedef void (*bpf_walk_callback)(void *context, const union seen *records, size_t count);

struct bpf_walk_tally {
	u64 repeats; /* buckets read again because they changed meanwhile */
	u64 lost;    /* buckets that could not be read: what was in them is missing */
};

struct bpf_walk_options {
	int64_t sockets; /* how many there are: a guess, by which the memory is measured */
	bool passive; /* opens no UDP socket, which before Linux 6.2 leads to the table of them */
	bool misled; /* for a test: walks begin every chain of connections in another one */
};

/* NULL with the reason in `error` where BPF is not to be had. To be ended by bpf_walk_close(). */
struct bpf_walk *bpf_walk_open(const struct bpf_walk_options *options, struct error *error);
void bpf_walk_close(struct bpf_walk *walk);

/* Every network namespace of the machine, as SEEN_NAMESPACE; first the initial one. */
int bpf_walk_namespaces(struct bpf_walk *walk, bpf_walk_callback take, void *context,
			struct error *error);

/* All of a table that the namespace (seen_namespace.address) uses, with what other namespaces have in it:
 * SEEN_SOCKET, of BPF_TABLE_PORTS SEEN_PORT. Each entry that stays for the time of the walk comes
 * once; one that comes or goes meanwhile may or may not. */
int bpf_walk_table(struct bpf_walk *walk, enum bpf_table table,
		   const struct seen_namespace *namespace, bpf_walk_callback take,
		   void *context, struct bpf_walk_tally *tally, struct error *error);

/* The descriptors of all processes: SEEN_PROCESS, then what belongs to it; of sockets, `only_bound` ones
 * or all. A process may come in several pieces, each begun with SEEN_PROCESS. */
int bpf_walk_descriptors(struct bpf_walk *walk, bool only_bound, bpf_walk_callback take,
			 void *context, struct error *error);
