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
	unsigned count, young, closed, gone, failed;
	const char *why; /* the last failure; NULL: none */
};

struct close_process_row {
	const struct process *process;
	const char *outcome, *title; /* NULL before it is done */
};

struct close_view {
	const struct snapshot *snapshot;
	const struct close_plan *plan;
	const struct close_group *groups; /* most sockets first */
	size_t group_count;
	const struct close_process_row *processes; /* of --process */
	size_t process_count;
	unsigned selected, young; /* young: not old enough, and left alone */
	unsigned bound;		  /* bound only: nobody can close these from outside */
	const char *age_how;	  /* how ages were told; NULL: none was asked for */
	bool dry_run;
	const struct capacity *measured; /* afterwards, by room of the plan; NULL: not done */
	const char *verify_before, *verify_after; /* outcomes of --verify; NULL: not asked for */
	const char *verify;			  /* HOST:PORT */
};

void close_text(const struct close_view *view, const struct view_style *style);
void close_result_text(const struct close_view *view, const struct view_style *style);
void close_json(const struct close_view *view, FILE *out);
