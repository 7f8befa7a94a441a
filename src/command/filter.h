#pragma once

#include "base/error.h"
#include "base/language.h"
#include "command/help_words.h"
#include "snapshot/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Which sockets are meant: the words that list, and later trace, close, top, handles and history
 * share. An empty filter means all; several options must all hold.
 */
struct filter {
	uint32_t states; /* a bit per enum socket_state; 0: any */
	bool tcp, udp;
	int64_t pid; /* 0: any */
	const char *process, *user, *unit, *container;
	struct address local, remote; /* FAMILY_NONE: any */
	uint32_t port;		      /* local or remote; 0: any */
};

/* The options as a piece of an option table, to be put at its head; where there are no sockets with a
 * state, those without it. */
#define FILTER_OPTIONS                                                                        \
	{ "state", "STATES", N_("only these states: established,time_wait,bound,..."),        \
	  .kind = VALUE_WORDS, .words = filter_state_words },                                 \
		FILTER_OPTIONS_WITHOUT_STATE

#define FILTER_OPTIONS_WITHOUT_STATE                                                          \
	FILTER_OWNER_OPTIONS, { "src", "ADDR", N_("only this local address") },               \
		{ "dst", "ADDR", N_("only this remote address") },                            \
		{ "port", "PORT", N_("only this port, local or remote") },                    \
		{ "tcp", NULL, N_("only TCP") },                                              \
	{                                                                                     \
		"udp", NULL, N_("only UDP")                                                   \
	}

/* Where there are processes, and no sockets. */
#define FILTER_OWNER_OPTIONS                                                                  \
	{ "pid", "PID", N_("only this process"), .kind = VALUE_PID },                         \
		{ "process", "NAME", N_("only processes of this name"),                       \
		  .kind = VALUE_PROCESS },                                                    \
		{ "user", "USER", N_("only this user, by name or number"),                    \
		  .kind = VALUE_USER },                                                       \
		{ "unit", "UNIT", help_unit },                                                \
	{                                                                                     \
		"container", "ID", help_container                                             \
	}

/* The states that --state knows, for completion. */
const char *filter_state_words(unsigned index);

/* 1: the option belongs to the filter and was taken; 0: it does not; -1 with a sentence. */
int filter_take(struct filter *filter, const char *name, const char *value,
		struct error *error);

bool filter_is_empty(const struct filter *filter);

/* Whether it asks for something that only the owner of a socket has. */
bool filter_needs_owners(const struct filter *filter);

bool filter_match(const struct filter *filter, const struct process *process,
		  const struct socket_record *record);

/* The same of a call that failed, whose protocol may not be known: then it may be the one asked for. */
struct failure;
bool filter_match_failure(const struct filter *filter, const struct failure *failure);
