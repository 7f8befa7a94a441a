#pragma once

#include "action/close.h"
#include "command/filter.h"
#include "snapshot/snapshot.h"
#include "source/source.h"
#include "view/close.h"

/*
 * portroom close: the sockets that the filters select, how old they are, and in groups. They are read by the
 * source that gives each socket's cookie: so just those are closed that were looked at, whoever has their addresses and
 * ports by then.
 */
struct picked {
	struct socket_record record;
	uint32_t process; /* index; UINT32_MAX: nobody's */
	struct close_motion motion;
	bool accepted; /* by a listener of the namespace */
	bool young;    /* not old enough, or still moving */
	bool ageless;  /* nothing tells how old it is */
};

struct close_selection {
	struct snapshot snapshot; /* who has the sockets */
	struct picked
		*items; /* of a group one after the other, those that are left alone last */
	size_t count, capacity;
	struct close_group *groups; /* most sockets first */
	size_t group_count, group_capacity;
	struct close_process_row *processes;
	size_t process_count;
	unsigned bound; /* nothing closes these: close_can() */
	unsigned young, ageless, nobody;
	unsigned spared;  /* they match, but are of a process that is never touched */
	unsigned servers; /* they match, but listen, and no state was asked for */
	unsigned *shared; /* by process of the snapshot: its sockets that others have, too */
	size_t shared_count, shared_capacity;
	unsigned hidden; /* of those that are selected: who has them could not be seen */
	bool watched;	 /* some of them for as long as they had to be old */
};

/* `owned`: only what a process has; the others are counted as nobody's. */
int close_select(struct close_selection *selection, const struct source_request *request,
		 const struct filter *filter, bool owned, struct error *error);

/* Waits for that long if there are some whose age nothing tells. `fin_timeout_s`: of the namespace; -1: not known. */
void close_judge_ages(struct close_selection *selection, struct closer *closer,
		      uint64_t min_age_ms, int fin_timeout_s);

/* When it is known which are too young. `listening`: ports by protocol. */
void close_group(struct close_selection *selection, const struct port_set *listening);

const struct process *close_owner(const struct close_selection *selection,
				  const struct picked *picked);

/* How many sockets of the processes in groups others have open, too, selected or not. */
unsigned close_shared(const struct close_selection *selection);

static inline bool close_is_left(const struct picked *picked)
{
	return picked->young || picked->ageless;
}

void close_selection_free(struct close_selection *selection);
