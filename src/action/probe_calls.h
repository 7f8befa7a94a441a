#pragma once

#include "action/probe.h"

/*
 * What an attempt asks of the system: calls on sockets, which are numbers here, and the name service. Errors are the system's
 * own numbers, 0 is none. Tests have calls of their own.
 */
enum { PROBE_AT_ONCE = 64 }; /* select() of Windows waits for no more: FD_SETSIZE */

/* A socket that is waited for. */
struct probe_wait {
	intptr_t socket;
	enum protocol protocol;
	bool answered;
};

struct probe_calls {
	/* It never blocks. The error. */
	int (*open)(const struct probe_attempt *attempt, intptr_t *socket);

	/* Binds it where a source is given, and connects; of UDP sends a datagram, too. The name of the call that failed, and its
	 * error; NULL: it is under way. */
	const char *(*begin)(const struct probe_attempt *attempt, intptr_t socket, int *error);

	/* Until one is answered, by whatever, or the time is over: which of them are. It may end earlier. */
	void (*await)(struct probe_wait *waits, unsigned count, unsigned timeout_ms);

	/* What became of it. */
	int (*error)(const struct probe_attempt *attempt, intptr_t socket);

	/* The address and port that it has here, if that is known. */
	void (*note_local)(struct probe_attempt *attempt, intptr_t socket);

	/* By a reset: the port is free at once, on both sides. */
	void (*close)(intptr_t socket);

	/* What attempt->error, of attempt->call, means: its outcome, name and text. */
	void (*explain)(struct probe_attempt *attempt);

	/* The addresses of name->host, by probe_name_add(), and how that ended. Takes as long as it takes. */
	void (*lookup)(struct probe_name *name);
};

extern const struct probe_calls probe_calls;

/* Of this system. probe_lookup.c */
void probe_lookup(struct probe_name *name);

/* One more; one that it has already is none. */
void probe_name_add(struct probe_name *name, const struct address *address);

/* What probe.h has, by these calls. */
void probe_run_by(const struct probe_calls *calls, struct probe_attempt *attempts,
		  size_t count, unsigned timeout_ms);
void probe_resolve_by(const struct probe_calls *calls, struct probe_name *names, size_t count,
		      unsigned timeout_ms);
