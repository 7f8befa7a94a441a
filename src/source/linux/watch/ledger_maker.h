#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ledger_maker_key;
struct reading;
struct socket_record;

/* Of the ledger's makers, which process of the snapshot each is. */
struct maker_table;

/* Who made what is left of a connection in TIME_WAIT, if reading->ledger knows: an index into
 * snapshot->processes. */
bool ledger_maker_of(struct reading *reading, const struct socket_record *record,
		     uint32_t *process);

/* The process behind a key of the ledger; UINT32_MAX: the kernel itself. */
uint32_t ledger_maker_process(struct reading *reading, const struct ledger_maker_key *key);

void ledger_makers_free(struct maker_table *makers);
