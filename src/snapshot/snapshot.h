#pragma once

#include "base/arena.h"
#include "snapshot/holding.h"
#include "snapshot/netns.h"
#include "snapshot/process.h"
#include "snapshot/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The facts of one machine at one moment, and what could not be seen. Built by a source, const
 * afterwards; one arena owns all of its text, snapshot_free() ends it.
 */

/* Something that would have been looked at but could not be. */
enum gap_effect {
	GAP_OWNERS, /* who holds a port */
	GAP_ROOM,   /* how many are left: a verdict may depend on it */
	GAP_SCOPE,  /* a whole namespace */
};

struct gap {
	const char *what, *why, *remedy; /* remedy may be NULL */
	enum gap_effect effect;
	int64_t netns; /* index, -1 where it is about the machine */
};

/* Where facts came from, what that cost, and why a source was not used. */
struct source_report {
	const char *name;
	bool used;
	int64_t sockets; /* -1: not a source of sockets */
	double milliseconds;
	const char *why_not;
};

struct snapshot {
	struct arena arena;
	const char *host_name, *system, *kernel;
	int64_t time_ms;		 /* since 1970 UTC, when reading began */
	int64_t files_open, files_limit; /* of the whole machine; -1 or limit 0: not known */
	int64_t descriptor_ceiling; /* fs.nr_open: no process may have more; -1: not known */

	struct netns *namespaces;
	size_t namespace_count, namespace_capacity;
	struct process *processes;
	size_t process_count, process_capacity;
	struct holding *holdings;
	size_t holding_count, holding_capacity;
	struct gap *gaps;
	size_t gap_count, gap_capacity;
	struct source_report *sources;
	size_t source_count, source_capacity;

	struct sample sample; /* what was seen before, if the machine was watched */
	bool scope_is_all;    /* --netns all: a namespace that could not be entered matters */

	uint32_t *holding_index; /* hash table of holdings, see snapshot.c */
	size_t holding_index_size;
};

/* Indexes stay valid while the arrays grow; pointers do not. */
uint32_t snapshot_add_netns(struct snapshot *snapshot, const struct netns *netns);
uint32_t snapshot_find_netns(const struct snapshot *snapshot,
			     uint64_t inode); /* UINT32_MAX: it is not there */
uint32_t snapshot_add_process(struct snapshot *snapshot, const struct process *process);
void snapshot_add_source(struct snapshot *snapshot, const struct source_report *report);

/* `what` and the others are copied. The same gap twice is one gap. */
void snapshot_add_gap(struct snapshot *snapshot, enum gap_effect effect, int64_t netns,
		      const char *what, const char *why, const char *remedy);

/* Adds one socket to the holding it belongs to. A listening socket must come before the sockets it
 * serves (dumps give listeners first). */
void snapshot_add_socket(struct snapshot *snapshot, uint32_t netns, enum owner_kind owner_kind,
			 uint32_t owner, const struct socket_record *record);

/* NULL if the holding has no process. */
const struct process *snapshot_owner(const struct snapshot *snapshot,
				     const struct holding *holding);

void snapshot_free(struct snapshot *snapshot);
