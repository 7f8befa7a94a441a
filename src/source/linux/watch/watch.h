#pragma once

struct reading;
struct snapshot;
struct source_request;

/*
 * What is noted of a machine before it is read: the ledger of connections, by whom each was opened.
 * A recorder may keep one anyway; to take a sample of some seconds, one is kept just for these.
 */
struct watch;

/* Reads along with a recorder, if there is one; begins nothing. */
struct watch *watch_join(const struct source_request *request);

/* Of nothing: for a look that is only to be compared with. */
struct watch *watch_nothing(void);

/* Begins to count; with a ledger of its own, if there is no recorder's. */
struct watch *watch_begin(const struct source_request *request);

/* Counts until so long after its beginning. */
void watch_until(struct watch *watch, unsigned milliseconds);

/* Before the sockets are read: makes the ledger known to whoever looks owners up. */
void watch_lend(struct watch *watch, struct reading *reading);

/* When they have been read: puts what was counted into reading->snapshot->sample. */
void watch_tell(struct watch *watch, struct reading *reading);

void watch_end(struct watch *watch);
