#pragma once

#include "action/range.h"
#include "base/error.h"
#include "snapshot/port_range.h"
#include "snapshot/socket.h"

#include <stdbool.h>
#include <stdint.h>

struct netsh;

/*
 * Changes the dynamic port ranges by netsh, so that there is always a way back. Before netsh is told anything a record of it lies
 * in %ProgramData%\portroom.range: what was set, what will be, and until when it must be confirmed. What netsh says counts for
 * little: all four rows are read back. Needs an administrator's rights.
 */
enum { RANGE_FAMILIES = 2 };

struct range_rows {
	struct port_range rows[PROTOCOL_COUNT][RANGE_FAMILIES]; /* IPv4, IPv6 */
};

/* What is set now, and what will be at the next start of Windows: netsh's stores. */
struct range_stores {
	struct range_rows active;
	struct range_rows persistent; /* 0-0: netsh did not tell it, or was not asked */
};

/* With what it is done; tests have others. */
struct range_tools {
	const struct netsh *netsh;
	const char *folder; /* of the record */
	void (*rest)(uint64_t milliseconds);
	bool elevated;
};

struct range_tools range_tools_of_system(void);

/* What was changed last, and can be undone. */
struct range_record {
	char boot[40];	 /* of the start of Windows it counts for: range_boot.h */
	bool changing;	 /* the change had begun and not ended when this was written */
	bool persistent; /* netsh's store: for the next start, too */
	struct range_stores before, after;
	int64_t deadline_ms; /* of GetTickCount64(), when it is rolled back; 0: never */
	uint32_t guard;	     /* process that will do so; 0: none */
};

struct range_request {
	struct range_rows before, after;
	bool wanted[PROTOCOL_COUNT][RANGE_FAMILIES];
	bool persistent;
	unsigned for_s; /* 0: for good */
};

/*
 * Sets the wanted rows where `before` is found to be set; `for_s` seconds later they are rolled back by a process of its own
 * unless range_confirm() was called. `now` is what was read back: rows may have changed that nobody asked for. -1 with a
 * sentence, and then everything is as it was; where even that failed the sentence says so.
 */
int range_set(const struct range_tools *tools, const struct range_request *request,
	      struct range_stores *now, struct error *error);

/* What range_set() refuses whatever the rows are: rights, a trial that is not over. -1 with a sentence. */
int range_refuse(const struct range_tools *tools, struct error *error);

/* 1 and the record, 0 if nothing was changed since Windows was started, or -1 with a sentence; without an administrator's rights
 * that cannot be told once a range was changed here. */
int range_last(const struct range_tools *tools, struct range_record *record,
	       struct error *error);

/* Milliseconds until the deadline of a record; below 0: it has passed. */
int64_t range_left_ms(const struct range_record *record);

/* Keeps what a try has set; `persist`: for the next start of Windows, too. -1 with a sentence: there is none, or it came too
 * late. */
int range_confirm(const struct range_tools *tools, bool persist, struct range_record *record,
		  struct error *error);

/* Sets what was set before the last change. What somebody else has changed since stays: a sentence. */
int range_undo(const struct range_tools *tools, struct range_record *record,
	       struct error *error);

/* What range_overdue() does, with these. */
void range_overdue_by(const struct range_tools *tools, void (*tell)(const char *sentence));
