#pragma once

struct json;
struct snapshot;
struct view_style;

/*
 * What portroom range show has to say of a Windows machine besides its four rows: which ports are excluded, which of these
 * were taken at run time, what was not told and is assumed.
 */
void range_windows_text(const struct snapshot *snapshot, const struct view_style *style);

/* Of that, what was not told and is assumed: counts of ports rest on it. */
void range_windows_untold_text(const struct snapshot *snapshot,
			       const struct view_style *style);

/* The elements of the key "reserved". */
void range_windows_reserved_json(struct json *json, const struct snapshot *snapshot);
