#pragma once

#include "base/error.h"
#include "snapshot/process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ending;
struct snapshot;

/*
 * Lines of the system's logs: the kernel's and the journal's. There may be millions, and few matter: whoever asks says of
 * each text whether it does, and gets the rest of such a line only.
 */
enum log_origin { LOG_KERNEL, LOG_JOURNAL };

struct log_line {
	enum log_origin origin;
	int64_t time_ms; /* since 1970 UTC */
	const char *text;
	const struct process *process; /* who wrote it, as the log has it; NULL: the kernel */
};

struct log_request {
	int64_t since_ms;
	const char *
		journal; /* a directory of journal files to read instead of this machine's logs; NULL: these */
	bool follow;
	bool (*wants)(void *context, enum log_origin origin, const char *text);
	void (*take)(void *context, const struct log_line *line);
	void *context;
};

/* What was looked at. */
struct log_report {
	const char *name; /* "kmsg", "journal" */
	bool used;
	uint64_t lines;	     /* looked at, wanted or not */
	int64_t oldest_ms;   /* of these; 0: there was none */
	const char *why_not; /* in the snapshot's memory; NULL: it is used */
};

struct log;

/* Opens what there is; what cannot be read becomes a gap of the snapshot. -1 with a sentence only if a directory was
 * named and has no journal. */
struct log *log_open(const struct log_request *request, struct snapshot *snapshot,
		     struct error *error);
void log_close(struct log *log);

/* Hands over the lines from `since_ms` on, in no order. Lines that were lost become gaps. */
void log_read(struct log *log, struct snapshot *snapshot);

/* Hands over those that came since. */
void log_read_new(struct log *log);

/* Until there are such, the end was asked for (NULL: it cannot be), or that time is over. */
void log_wait(struct log *log, const struct ending *ending, int timeout_ms);

/* Lines that were overwritten before they could be read, since the last call. */
uint64_t log_take_lost(struct log *log);

enum { LOG_REPORTS = 2 };
const struct log_report *log_reports(const struct log *log);
