#pragma once

#include <stdint.h>

struct json;

/* Parts of the lines of portroom trace --json that views of it share. */
void trace_line_begin(struct json *json, const char *line, int64_t time_ms);
void trace_ntstatus_json(struct json *json, uint32_t ntstatus); /* keys of an object */
