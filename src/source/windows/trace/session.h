#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct etw_route;

/*
 * A session of event tracing: what the system gathers events in. It outlives the program that started it, and there may be some
 * 64 in all. So each bears the number of the process it belongs to, "portroom-1234", and whoever starts one first stops those whose
 * process has ended: what a crash, or the task manager, leaves behind is gone with the next start.
 */
enum { SESSION_NAME = 32 };

struct session {
	const struct etw_route *route;
	uint64_t handle;
	wchar_t name[SESSION_NAME];
	bool runs;

	/* As of the last session_query() or session_stop(). */
	uint64_t events_lost, buffers_lost;
};

/* A file that the system writes; of more than so many MiB the earliest events are overwritten. */
struct session_file {
	const wchar_t *path; /* absolute, and not long: below SESSION_PATH */
	unsigned most_mib;
};

enum { SESSION_PATH = 1024 };

/* `file` NULL: events are handed over as they come. -1 with a sentence. The route must live as long. */
int session_start(struct session *session, const struct etw_route *route,
		  const struct session_file *file, struct error *error);

/* What is to be gathered. `ids`: only these events, where the system can leave out the others. An error of Windows, 0: done. */
struct session_provider {
	const uint8_t *guid;
	uint64_t keywords; /* 0: any */
	const uint16_t *ids;
	size_t id_count;
	bool rundown; /* also what is the case already: processes that run */
};

unsigned long session_enable(const struct session *session,
			     const struct session_provider *provider);

/* false: it does not run any more, somebody else has stopped it. */
bool session_query(struct session *session);

/* Once; with what is still under way. Also of one that was never started. */
void session_stop(struct session *session);
