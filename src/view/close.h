#pragma once

#include "view/view.h"

#include <stddef.h>

struct close_plan;
struct socket_record;

/*
 * portroom close: what is selected, what it would give back, and what came of it.
 */
struct close_group {
	const struct process *process; /* NULL: nobody has it open */
	const struct socket_record *like;
	bool accepted; /* by a server: only the local end is common */
	size_t first;  /* of its sockets, among those that are selected */
	unsigned count, closed, gone, failed;
	const char *why; /* the last failure; NULL: none */
};

struct close_process_row {
	const struct process *process;
	const char *outcome, *title; /* NULL before it is done */
};

/* What a connection met. */
struct close_verdict {
	const char *name, *title; /* for programs, and for people; NULL: not tried */
};

struct close_view {
	const struct snapshot *snapshot;
	const struct close_plan *plan;
	const struct close_group *groups; /* most sockets first */
	size_t group_count;
	const struct close_process_row *processes; /* to be ended */
	size_t process_count;
	unsigned selected, young; /* young: not old enough, and left alone */
	unsigned ageless;	  /* nothing tells how old they are: left alone */
	unsigned
		nobody; /* no process has them, so there is none to end; not among the selected */
	unsigned
		shared; /* of processes to be ended: others have these open, too, and they stay */
	unsigned
		spared; /* of process 1, of what Windows cannot do without, or ours; not among the selected */
	unsigned
		bound; /* nobody can close these from outside: bound only, and on Windows others */
	bool aged;     /* an age was asked for */
	bool watched; /* and some were watched for so long */
	bool ends;    /* processes, not sockets */
	bool dry_run;
	const struct capacity *measured; /* afterwards, by room of the plan; NULL: not done */
	const char *verify;		 /* HOST:PORT; NULL: not asked for */
	struct close_verdict before, after;
};

void close_text(const struct close_view *view, const struct view_style *style);
void close_result_text(const struct close_view *view, const struct view_style *style);
void close_json(const struct close_view *view, FILE *out);
