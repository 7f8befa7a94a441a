#pragma once

#include "source/linux/bpf/slots.h"

/*
 * Set by the reader where there are many sockets. What a walk looks at lies in lines of memory that no
 * cache has, each known only by the one before: the processor waits for one after the other. Those of
 * several descriptors or buckets it fetches at the same time, if it is asked for them together, before
 * they are looked at. That is of no use where most are empty, nor with a call for each that is read.
 */
const volatile bool ask_ahead;

#ifdef READ_BY_PROBE
#define ASK_AHEAD 0
#else
#define ASK_AHEAD ask_ahead
#endif

enum { AHEAD = 8 }; /* together */

u64 asked_for; /* what was read ahead: a use of it, or the compiler would leave it out */
