#pragma once

#include "diagnosis/windows_range_plan.h"

#include <stdio.h>

struct view_style;

/*
 * What portroom range set, try and reset are going to do and have done on Windows: the same documents as those of
 * view/range_change.h, with a row for each of tcp and udp over IPv4 and IPv6.
 */
struct range_change_windows_view {
	const struct snapshot *snapshot;
	const struct windows_range_plan *plan;
	bool dry_run, done;
	bool persistent; /* for the next start of Windows, too */
	unsigned for_s;	 /* a try; 0: for good */
	/* What was read back when it was done. */
	struct port_range now[PROTOCOL_COUNT][WINDOWS_FAMILIES];
};

/* Before it is done, after it, and for programs. */
void range_change_windows_text(const struct range_change_windows_view *view,
			       const struct view_style *style);
void range_change_windows_result(const struct range_change_windows_view *view,
				 const struct view_style *style);
void range_change_windows_json(const struct range_change_windows_view *view, FILE *out);

/* A change that was confirmed, or undone. Rows that are alike in `from` and `to` are none of it. */
struct range_undone_windows_view {
	const struct snapshot *snapshot;
	bool confirmed, persistent;
	struct port_range from[PROTOCOL_COUNT][WINDOWS_FAMILIES],
		to[PROTOCOL_COUNT][WINDOWS_FAMILIES];
	/* The same for the next start of Windows; 0-0: that is not known. */
	struct port_range next_from[PROTOCOL_COUNT][WINDOWS_FAMILIES],
		next_to[PROTOCOL_COUNT][WINDOWS_FAMILIES];
};

void range_undone_windows_text(const struct range_undone_windows_view *view,
			       const struct view_style *style);
void range_undone_windows_json(const struct range_undone_windows_view *view, FILE *out);
