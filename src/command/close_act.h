#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct close_selection;
struct closer;

/*
 * portroom close: what is done to that which was selected. What became of it is told in the groups and rows of the selection.
 */

/* Closes the sockets, so many a second. false: some were not. `arena` has the reasons. */
bool close_act_sockets(struct close_selection *selection, struct closer *closer, uint64_t rate,
		       struct arena *arena);

/* Asks the processes that have them to end; `force` ends those that do not. false: some go on. */
bool close_act_end(struct close_selection *selection, bool force);
