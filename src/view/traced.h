#pragma once

struct json;
struct snapshot;
struct traced_trace;

/* One trace of evidence.traces as a JSON object: what is in the file, and what it could show. */
void view_json_trace(struct json *json, const struct snapshot *snapshot,
		     const struct traced_trace *trace);
