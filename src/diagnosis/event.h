#pragma once

#include "knowledge/topic.h"
#include "snapshot/process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct counter;
struct message;

/*
 * Something that a system has noted of itself and that bears on ports: a line of the kernel's log or of a program, or a
 * counter that is not zero. Linux notes nothing when ephemeral ports run out; these are what else tells.
 */
enum event_source { EVENT_KERNEL, EVENT_JOURNAL, EVENT_COUNTER, EVENT_SOURCE_COUNT };

const char *event_source_name(enum event_source source); /* "kernel", for programs */

/* As what it is recognised: one of the three. */
struct event_kind {
	const struct message *message;
	const struct topic
		*topic; /* an error that a program which is not known here has named */
	const struct counter *counter;
};

enum { EVENT_TEXT_SIZE = 512 };

/* Alike in source, kind and process, or namespace; counted together. */
struct event {
	enum event_source source;
	struct event_kind kind;
	uint64_t count;
	int64_t first_ms, last_ms; /* since 1970 UTC; 0: a counter has no time */
	struct process process;	   /* of the latest; all 0 and NULL but for EVENT_JOURNAL */
	uint64_t netns;		/* inode number of the namespace it is about; 0: not known */
	const char *netns_name; /* NULL: none but the number */
	char text[EVENT_TEXT_SIZE]; /* the latest; "": a counter */
};

/* Whether the line bears on ports. */
bool event_recognise(enum event_source source, const char *text, struct event_kind *kind);

/* The line of the text in which it was recognised, which may have many, into the event. */
void event_set_text(struct event *event, const char *text);

/* What it is called: the kernel's lines by names of ours, messages by the error that they come down to, counters as
 * nstat(8) and conntrack(8) call them. */
const char *event_name(const struct event_kind *kind);

/* English; shown through _(). */
const char *event_meaning(const struct event_kind *kind);
enum exhaustion event_exhaustion(const struct event_kind *kind);

/* What to ask portroom then, with the address that the text has; in the arena. NULL: nothing. */
struct arena;
const char *event_command(struct arena *arena, const struct event *event);
