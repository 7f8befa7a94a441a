#pragma once

#include "snapshot/failure.h"

#include <stddef.h>
#include <stdint.h>

struct json;
struct snapshot;
struct view_style;

/*
 * What portroom trace writes. As text a row is a failure, or so many of one kind in the last second; as
 * JSON Lines each failure is one line, between one that tells what is watched for and one that sums up.
 */

struct trace_row {
	const struct failure *failure;
	int64_t time_ms; /* of the failure, or when so many were counted */
	uint64_t count;
	struct failure_room room;
	int utc_offset_s; /* of the time of day that is shown */
	bool of_windows;  /* as its heading was written: namespaces are of Linux */
};

/* What is watched for, and how. */
struct trace_start {
	int64_t time_ms;
	const char *source, *why_not_bpf;
	const struct failure_coverage *coverage[FAILURE_KIND_COUNT];
	unsigned slows_calls_ns; /* every system call of the machine; 0: none */
	bool filtered;		 /* only some of the calls are told, as options ask for */
	const struct snapshot *machine; /* where; of its facts only which machine it is */
};

struct trace_end {
	int64_t time_ms;
	double seconds;
	uint64_t failures; /* that were told */
	uint64_t lost, unclear;
	bool lost_are_events; /* of any kind, failures or not; and `unread` is told, too */
	uint64_t unread;      /* calls of a form that is not known */
};

/* Of files: all calls that failed and that the filter lets through, by what they failed with. */
enum { TRACE_STATUSES = 32 };

struct trace_sum {
	int64_t first_ms, last_ms; /* of the traces; 0: not known */
	int64_t read_ms;	   /* when they were read */
	uint64_t told, failed;	   /* told are those that were asked for */
	struct trace_status {
		uint32_t ntstatus; /* of Windows; 0: it is of Linux */
		const char *error; /* of Linux, "EADDRNOTAVAIL"; NULL: it is of Windows */
		bool other_reason;
		uint64_t count;
	} statuses[TRACE_STATUSES];
	size_t status_count;
	uint64_t other_statuses; /* calls with still others */
};

void trace_heading_text(bool of_windows, const struct view_style *style);
void trace_row_text(const struct trace_row *row, const struct view_style *style);

/* Failures of too many kinds to be told one by one. */
void trace_rest_text(int64_t time_ms, int utc_offset_s, uint64_t failures,
		     const struct view_style *style);

/* Beside the rows, on standard error: a sentence each, made anew. */
struct arena;
const char *trace_start_sentence(struct arena *arena, const struct trace_start *start);
const char *trace_not_covered_sentence(struct arena *arena, const struct trace_start *start);
const char *trace_lost_sentence(struct arena *arena, uint64_t lost, bool are_events);
const char *trace_end_sentence(struct arena *arena, const struct trace_end *end);

void trace_start_json(const struct trace_start *start, struct json *json);
void trace_failure_json(const struct trace_row *row, struct json *json);
void trace_lost_json(int64_t time_ms, uint64_t lost, struct json *json);
void trace_end_json(const struct trace_end *end, struct json *json);

/* Between which two lines failures of files stand; `first` is the trace that tells the first of them, NULL: none does. */
struct traced_trace;
void trace_files_start_json(int64_t now_ms, const struct snapshot *snapshot,
			    const struct traced_trace *first, bool filtered,
			    struct json *json);
void trace_files_end_json(const struct trace_sum *sum, const struct snapshot *snapshot,
			  struct json *json);

/* The sum; what one status means; and what of the files cannot be told, NULL: all of it can. */
const char *trace_sum_sentence(struct arena *arena, const struct trace_sum *sum);
const char *trace_status_sentence(struct arena *arena, const struct trace_status *status);
const char *trace_doubt_sentence(struct arena *arena, const struct snapshot *snapshot);
