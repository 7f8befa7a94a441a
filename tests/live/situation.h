#pragma once

#include <stdbool.h>

#include "truth.h"

/* Where every situation plays unless it says otherwise. */
enum { FIRST = 40000, LAST = 40099, ALL = 100 };

/*
 * One state of a network namespace that a machine can get into. `make` runs inside a fresh
 * namespace, makes it, and states what is true then.
 */
struct situation {
	const char *name;
	const char *what;
	uint16_t first, last; /* FIRST and LAST when zero */
	bool rehearse; /* made once before, in a throwaway namespace, and measured there */
	void (*make)(struct truth *truth);
};

/* One list per file of situations/, each ended by an entry without name. */
extern const struct situation situations_connect[], situations_bind[], situations_time_wait[],
	situations_states[], situations_range[], situations_mixed[], situations_udp[],
	situations_cures[], situations_lookalikes[];
