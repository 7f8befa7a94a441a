#pragma once

#include "sockets.h"

/* What really is possible. */
struct measured {
	unsigned successes;
	int error; /* of the call that ended it; 0 when `limit` was reached */
};

/*
 * Repeats the call until it fails, keeping every socket, then closes them all so that their
 * ports are free at once. Reused TIME_WAIT entries are used up by this.
 */
struct measured measure(const struct plan *plan);
