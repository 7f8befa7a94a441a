#pragma once

#include "base/error.h"
#include "source/artefact/windows/afd_endpoint.h"

#include <stddef.h>
#include <stdint.h>

struct handle_look;
struct nt_route;

/*
 * Which handles are sockets, and of what ports: each file that a process has open is asked, in a copy. Some files answer nobody
 * while their owner waits for them, and hold up who asks for ever: so a thread of its own asks, and is left alone with the
 * handle that takes it too long.
 */
struct afd_socket {
	int32_t pid;
	uint64_t handle;
	struct afd_endpoint endpoint;
};

struct afd_limits {
	unsigned request_ms;  /* for one request to the driver, and to take it back */
	unsigned patience_ms; /* for one handle, until another thread goes on behind it */
	unsigned handle_ms;   /* the same, until nothing is expected of it any more */
	unsigned stuck_most;  /* handles that have not answered; at one more the walk ends */
	unsigned walk_ms;     /* for all */
};

extern const struct afd_limits afd_limits_usual;

struct afd_walk {
	struct afd_socket *sockets; /* in no order */
	size_t count, capacity;
	size_t files;	/* handles that were asked */
	unsigned stuck; /* of these, that did not answer all that they were asked */
	unsigned processes,
		refused;      /* with files, and of these, that may not be looked into */
	int32_t *untold_pids; /* these, and of whom not all was asked */
	size_t untold_count, untold_capacity;
	bool is_cut; /* it ended before the last handle */
};

/* Of one process, or of all (pid 0). 0, or -1 with why not. Freed by afd_walk_free(). */
int afd_walk(struct afd_walk *walk, const struct nt_route *route,
	     const struct handle_look *look, int32_t pid, const struct afd_limits *limits,
	     struct error *error);

/* The same of these handles alone: which of them still are sockets, and of what ports. */
int afd_walk_again(struct afd_walk *walk, const struct nt_route *route,
		   const struct afd_socket *sockets, size_t count,
		   const struct afd_limits *limits, struct error *error);
void afd_walk_free(struct afd_walk *walk);

/* Whether it may have sockets that the walk has not, but for handles that did not answer. */
bool afd_walk_is_untold(const struct afd_walk *walk, int32_t pid);
