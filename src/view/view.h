#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct address;
struct arena;
struct capacity;
struct capacity_query;
struct diagnosis;
struct json;
struct process;
struct share;
struct snapshot;

/*
 * Findings and facts as text for people and JSON for programs (docs/schema/). Views never read the
 * system and decide nothing; they write to `out` and leave its errors to the caller.
 */
struct view_style {
	FILE *out;
	bool colour;
	bool ascii;	/* the terminal knows no UTF-8 */
	unsigned width; /* columns of the terminal; 0: no limit */
	bool verbose;	/* sources and what they cost */
	uint64_t limit; /* destinations shown in JSON; UINT64_MAX: all */
};

void check_text(const struct diagnosis *diagnosis, const struct view_style *style);
void check_json(const struct diagnosis *diagnosis, const struct view_style *style);

/*
 * One line for a monitoring system. plugin: Monitoring Plugins Development Guidelines, with
 * performance data. checkmk: a local check ("2 portroom metrics text"). node problem: what
 * node-problem-detector's custom plugin monitor takes as the message.
 */
void check_plugin(const struct diagnosis *diagnosis, const struct view_style *style);
void check_checkmk(const struct diagnosis *diagnosis, const struct view_style *style);
/* Text within such a line: nothing ends it or begins its performance data. A backslash and an n are a
 * new line to Checkmk. */
void check_line_write(FILE *out, const char *text);
void check_node_problem(const struct diagnosis *diagnosis, const struct view_style *style);

/* `wildcard`: the destination was named by 0.0.0.0 or ::, and is what that stands for. */
void room_text(const struct snapshot *snapshot, const struct capacity *capacity,
	       const struct capacity_query *query, bool wildcard,
	       const struct view_style *style);
void room_json(const struct snapshot *snapshot, const struct capacity *capacity,
	       const struct capacity_query *query, FILE *out);

/* All of a snapshot, for a file that another machine reads: source/artefact/saved/saved.h. 0, or errno of the first write that
 * failed. */
int saved_json(const struct snapshot *snapshot, FILE *out);

/* That it was written, and what is in it. `verdict` is enum severity. */
void saved_text(const struct snapshot *snapshot, int verdict, const char *file,
		const struct view_style *style);

/* ---- parts that several views share ---- */

/* RFC 3339, UTC, "2026-11-22T23:49:31.204Z" */
char *view_time(char buffer[32], int64_t time_ms);

void view_json_time(struct json *json, const char *key,
		    int64_t time_ms); /* null where it is 0 */

/* Keys that documents have in common: host, namespaces, gaps, sources. */
void view_json_ranges(struct json *json, const struct snapshot *snapshot);
void view_json_host(struct json *json, const struct snapshot *snapshot);
void view_json_namespaces(struct json *json, const struct snapshot *snapshot);
void view_json_gaps(struct json *json, const struct snapshot *snapshot);
void view_json_sources(struct json *json, const struct snapshot *snapshot);
void view_json_netns(struct json *json, const char *key, const struct snapshot *snapshot,
		     uint32_t netns);
/* null where there is no process or no number of it that is visible here. */
void view_json_pid(struct json *json, const char *key, const struct process *process);
void view_json_address(struct json *json, const char *key, const struct address *address);

void view_json_shares(struct json *json, const struct snapshot *snapshot, const char *key,
		      const struct share *shares, size_t count);
void view_json_nat(struct json *json, const struct diagnosis *diagnosis, uint64_t limit);

/* "CRITICAL", in colour where there is any; returns its columns. `severity`: enum severity. */
unsigned view_text_severity(const struct view_style *style, int severity);

/* Sources, one a line, for -v. */
void view_text_sources(const struct snapshot *snapshot, const struct view_style *style);
/* Of which machine and when, where it was read from a file; nothing where `file` is NULL. */
void view_text_origin(const struct snapshot *snapshot, const char *file,
		      const struct view_style *style);
/* "28,232", "0 to 40", "unknown"; in the arena. */
const char *view_room(struct arena *arena, const struct capacity *capacity);
void view_text_gaps(const struct snapshot *snapshot, const struct view_style *style);
