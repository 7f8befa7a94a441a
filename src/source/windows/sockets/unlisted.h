#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct afd_socket;
struct afd_walk;
struct nt_route;
struct places;
struct rows;
struct tables_route;

/*
 * Open TCP sockets that have a port and are in no table of the system: they are bound, and have no connection.
 */
struct unlisted {
	struct afd_socket *sockets;
	size_t count, capacity;
	unsigned untold;  /* more that may be such: tables could not be read again */
	unsigned foreign; /* that are in the tables of another network, if in any */
	unsigned stuck;	  /* whether they still are open was not answered */
	bool is_cut;	  /* nor asked of some others, for lack of time */
};

/* Of what the walk found, whose ports are `open`; `rows` has what the tables had before it. 0, or -1 with why not. Freed by
 * unlisted_free(). */
int unlisted_find(struct unlisted *unlisted, const struct afd_walk *walk,
		  const struct places *open, const struct rows *rows,
		  const struct nt_route *nt, const struct tables_route *tables,
		  struct error *error);
void unlisted_free(struct unlisted *unlisted);
