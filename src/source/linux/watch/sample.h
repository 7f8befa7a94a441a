#pragma once

struct error;
struct snapshot;
struct source_request;

/* source_read() for request->sample_ms: two looks, and what goes on between them. */
int sample_read(const struct source_request *request, struct snapshot *snapshot,
		struct error *error);
