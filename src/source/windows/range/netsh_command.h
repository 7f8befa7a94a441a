#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The system's own netsh, by its whole path: what another program of that name would print is not asked for.
 */
struct netsh_call {
	char arguments[120]; /* "int ipv4 show dynamicport tcp" */

	/* Afterwards. */
	enum netsh_end { NETSH_NOT_STARTED, NETSH_ENDED, NETSH_HUNG } end;
	unsigned long status; /* exit status, or the error with which it was not started */
	char *output;	      /* in the console's code page, ended by NUL; netsh_free() */
	size_t size;
};

/* How it is run; tests have another. */
struct netsh {
	void (*run)(const struct netsh *netsh, struct netsh_call *calls, size_t count);
	void *context;
};

extern const struct netsh netsh_of_system;

/*
 * Calls that only read, all at the same time. A machine that is loaded may have had no time for some of them, or no room:
 * these are made once more, one after the other and nothing beside them. The first that fails again is the last, since netsh
 * then answers nobody: so it costs at most twice the limit.
 */
void netsh_ask(const struct netsh *netsh, struct netsh_call *calls, size_t count);

/* A call that changes something. It is made once more only where it was not started, and so has done nothing. */
void netsh_tell(const struct netsh *netsh, struct netsh_call *call);

void netsh_free(struct netsh_call *calls, size_t count);

/* Why the call failed, as a sentence: netsh's own words, or what became of it. */
const char *netsh_why(const struct netsh_call *call, struct arena *arena);

/* Its first words as UTF-8; NULL: it said nothing. */
const char *netsh_words(const struct netsh_call *call, struct arena *arena);
