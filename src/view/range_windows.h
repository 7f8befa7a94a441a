#pragma once

struct json;
struct snapshot;
struct view_style;

/*
 * What portroom range show has to say of a Windows machine besides its four rows: which ports are excluded, which of these
 * were taken at run time. What was not told is a gap.
 */
void range_windows_text(const struct snapshot *snapshot, const struct view_style *style);

/* The elements of the key "reserved". */
void range_windows_reserved_json(struct json *json, const struct snapshot *snapshot);

/* The key "windows": what else it says of its ports; null where it is no Windows. */
void range_windows_settings_json(struct json *json, const struct snapshot *snapshot);
