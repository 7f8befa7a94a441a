#pragma once

#include "snapshot/port_range.h"
#include "view/view.h"

struct arena;
struct range_plan;

/*
 * What portroom range set, try and reset are going to do and have done.
 */
struct range_change_view {
	const struct snapshot *snapshot;
	const struct range_plan *plan;
	bool dry_run, done;
	unsigned for_s;	       /* a try; 0: for good */
	const char *persisted; /* file that was written for the next boot; NULL: none */
	const char *removed;   /* that was removed; NULL: none */
	const char
		*winner; /* file that sets something else at boot all the same; NULL: none */
};

/* Before it is done. */
void range_change_text(const struct range_change_view *view, const struct view_style *style);

/* After it. */
void range_change_result(const struct range_change_view *view, const struct view_style *style);

void range_change_json(const struct range_change_view *view, FILE *out);

/* A change that was confirmed, or undone. */
struct range_undone_view {
	const struct snapshot *snapshot; /* its first namespace */
	bool confirmed;
	struct port_range from, to;
	const char *file;   /* of the next boot, written or put back as it was; NULL: none */
	const char *winner; /* as above */
};

void range_undone_text(const struct range_undone_view *view, const struct view_style *style);
void range_undone_json(const struct range_undone_view *view, FILE *out);

/* " --netns PATH", for a command that is to be typed; "" where that is not needed. */
const char *range_change_place(const struct snapshot *snapshot, uint32_t netns,
			       struct arena *arena);
