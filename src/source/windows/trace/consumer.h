#pragma once

#include "base/error.h"
#include "source/artefact/etl/live.h"

#include <stdbool.h>
#include <stdint.h>

struct consumer;
struct session;

/*
 * Reads a session while events come. The system hands them over in a thread of ours that waits in ProcessTrace(); there each
 * becomes what it means at once (etl/live.h), under a lock, so that what waits for the reader is only calls that failed.
 */

/* NULL with a sentence. The session must live as long. */
struct consumer *consumer_open(const struct session *session, struct error *error);

/* Waits for what can be handed over, at most so long; `ending` is an event that ends it, 0: none. */
void consumer_wait(struct consumer *consumer, int timeout_ms, intptr_t ending);

/* All that can be handed over, oldest first; where `all`, also what waits for what may belong to it. */
void consumer_take(struct consumer *consumer, bool all, struct etw_told_list *list);

/* Whether the system hands over no more, which it does when the session was stopped. */
bool consumer_has_ended(const struct consumer *consumer);

struct etw_live_counts consumer_counts(struct consumer *consumer);

/* After the session was stopped: until all that was under way is taken; some seconds at most. */
void consumer_drain(struct consumer *consumer);
void consumer_close(struct consumer *consumer);
