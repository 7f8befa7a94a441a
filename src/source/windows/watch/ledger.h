#pragma once

#include "base/index.h"
#include "source/windows/rows.h"
#include "source/windows/watch/former.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct processes;
struct snapshot;

/*
 * Who had which connection, while a machine is watched by looking at its tables again and again: a connection keeps its
 * ends when its process has closed it and it waits in TIME_WAIT, where Windows tells no process any more.
 */
struct ledger_key {
	struct address local, remote;
	uint16_t local_port, remote_port;
};

struct ledger_entry {
	struct ledger_key key; /* first: it is what the index looks at */
	int32_t pid;	       /* 0: it was never seen with one */
	uint8_t state;	       /* when it was last seen */
	bool opened;	       /* it was not there at the first look */
	bool rested_before;    /* it was in TIME_WAIT then */
	int64_t created_ms;    /* 0: not told */
};

struct ledger {
	struct index index;
	struct ledger_entry *entries;
	size_t count, capacity;
	unsigned looks;
	double first_s,
		seconds; /* when the first look was, and how long the last is after it */
	struct formers formers; /* for the last look; its `now` is not the ledger's */
};

void ledger_free(struct ledger *ledger);

/* Whether the look that is being made is the last. */
bool ledger_is_ending(const struct ledger *ledger);

/* What a look has shown, which was made at that moment. */
void ledger_note(struct ledger *ledger, const struct rows *rows, double at_s);

/* Who had the connection of this row; 0: it is not known. */
int32_t ledger_maker(const struct ledger *ledger, const struct dossier_socket *row);

/* Whether it has come to rest since the first look. */
bool ledger_is_fresh(const struct ledger *ledger, const struct dossier_socket *row);

/* What was opened since the first look, by whom and whereto, into snapshot->sample; what serves clients is left out. */
void ledger_tell(struct ledger *ledger, struct processes *processes,
		 struct snapshot *snapshot);
