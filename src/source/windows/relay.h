#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes that somebody else has, who may hang: a thread asks for them and hands them over in pieces, in their order, to whoever
 * waits, and gives the thread up where the next piece takes too long; the whole may take as long as it has pieces. For work
 * without such: system/patience.h.
 */
struct relay;

/* Calls work(context, relay) on a thread of its own, which hands on by relay_put(). The context is the thread's until
 * RELAY_END; when both are done with it, release(context) is called. NULL: there are no more threads; nothing was called. */
struct relay *relay_begin(void (*work)(void *context, struct relay *relay),
			  void (*release)(void *context), void *context);

/* For the thread. false: nobody waits any more. */
bool relay_put(struct relay *relay, const void *bytes, size_t size);

enum relay_news {
	RELAY_PIECE, /* valid until the next call */
	RELAY_END,   /* work() has ended, and everything was handed over */
	RELAY_LATE,  /* nothing came in time */
};

enum relay_news relay_next(struct relay *relay, unsigned longest_ms, const char **bytes,
			   size_t *size);

/* Always, and last. */
void relay_end(struct relay *relay);
