#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What portroom can explain: error codes, events, states, terms, settings. One table per kind, each
 * ended by an entry without a name. The English text is the key of its translation: it is shown
 * through _(). Names, commands and sources are not translated.
 */
enum topic_kind {
	TOPIC_ERROR,	/* errno of Linux */
	TOPIC_WINSOCK,	/* WSAGetLastError() */
	TOPIC_NTSTATUS, /* what Windows drivers return; shown in traces */
	TOPIC_EVENT,	/* Windows event log */
	TOPIC_STATE,	/* of a TCP socket */
	TOPIC_TERM,
	TOPIC_WINDOWS_SETTING, /* netsh, registry */
	TOPIC_SETTING,	       /* sysctl */
	TOPIC_KIND_COUNT,
};

/* Whether seeing it means that ports have run out. */
enum exhaustion {
	EXHAUSTION_UNASKED, /* it is no symptom */
	EXHAUSTION_NO,
	EXHAUSTION_ELSEWHERE, /* not on this host; perhaps on a NAT on the way */
	EXHAUSTION_MAYBE,
	EXHAUSTION_LIKELY,
};

/* The system of whoever reads it: the same state or error is looked into by other means there. */
enum topic_reader { READER_ON_LINUX, READER_ON_WINDOWS };

struct topic {
	const char *name;    /* as the system writes it; NULL ends a table */
	const char *aliases; /* separated by '|'; NULL: none */
	enum topic_kind kind;
	enum exhaustion exhaustion;
	uint32_t code; /* errno, WSA code, NTSTATUS, event number; 0: none */
	const char *title;
	const char *meaning;
	const char *tell;    /* exhaustion or another cause? NULL: nothing to tell */
	const char *next;    /* what to do */
	const char *command; /* of portroom; NULL: none */
	const char *useless; /* what it does not do; NULL: nothing is believed of it */
	const char *source;

	/* What is otherwise on Windows: members that are NULL are as above, "" is none. NULL: nothing is. */
	const struct topic *on_windows;
};

extern const struct topic topics_errors[], topics_winsock[], topics_ntstatus[],
	topics_events[], topics_states[], topics_terms[], topics_windows_settings[],
	topics_settings[], topics_log_marks[];

/* All tables, the most likely meaning of a number first; ended by NULL. */
extern const struct topic *const topic_tables[];

/* The same tables, those of that system first: for a list of what there is. */
const struct topic *const *topic_tables_for(enum topic_reader reader);

/* The topic in the words for that reader. */
struct topic topic_for(const struct topic *topic, enum topic_reader reader);

/* "errno", "winsock", ...: for programs. */
const char *topic_kind_name(enum topic_kind kind);

/* For people, in their language: of one topic, and above a list of them. */
const char *topic_kind_word(enum topic_kind kind);
const char *topic_kind_title(enum topic_kind kind);

/* "no", "elsewhere", "maybe", "likely"; NULL where it was not asked. For programs. */
const char *exhaustion_name(enum exhaustion exhaustion);

/* Whether `text` names the topic: case does not matter, '-', '_' and ' ' are the same. A setting may
 * be written as a path, or without what stands before its last dot. */
bool topic_is_named(const struct topic *topic, const char *text);

/* The first one of that name; NULL: none. */
const struct topic *topic_find(const char *name);

/* The first of that kind with that number; NULL: none. */
const struct topic *topic_of_code(enum topic_kind kind, uint32_t code);
