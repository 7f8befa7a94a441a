#pragma once

#include "action/range.h"
#include "base/error.h"
#include "snapshot/port_range.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Changes the ephemeral port range and the reserved ports of one network namespace, so that there is always a
 * way back. Before anything is written a record of it lies in /run/portroom: what was set, what will be, and
 * until when it must be confirmed. Every change is read back. Needs root.
 */

/* The namespace that is meant. */
struct range_place {
	const char *enter; /* path to enter it by; NULL: the caller is in it */
	uint64_t inode;
};

/* What is set in a namespace: net.ipv4.ip_local_port_range and ip_local_reserved_ports. */
struct range_values {
	struct port_range range;
	char *reserved; /* as Linux writes it, "" for none; owned, see range_values_free() */
};

void range_values_free(struct range_values *values);

/* What was changed last in a namespace, and can be undone. */
struct range_record {
	char boot[37]; /* of the boot it counts for: /proc/sys/kernel/random/boot_id */
	uint64_t inode, cookie; /* of the namespace; cookie 0: a kernel without it */
	char enter[256];	/* "": that of whoever made the change */
	struct range_values before, after;
	int64_t deadline_ms; /* of CLOCK_BOOTTIME, when it is rolled back; 0: never */
	int32_t guard;	     /* process that will do so; 0: none */
	/* The file for the next boot, which undo takes back, too: whether there was one before. */
	enum { RANGE_NOT_PERSISTED, RANGE_PERSISTED_NEW, RANGE_PERSISTED_OVER } persisted;
};

void range_record_free(struct range_record *record);

/*
 * Sets the values `after` where `before` is found to be set; `for_s` seconds later they are rolled back by a process
 * of its own unless range_confirm() was called, 0: never. -1 with a sentence, and then everything is as it was; where
 * even that failed the sentence says so.
 */
int range_set(const struct range_place *place, const struct range_values *before,
	      const struct range_values *after, unsigned for_s, struct error *error);

/* What range_set() refuses whatever the values are: rights, a trial that is not over. -1 with a sentence. */
int range_refuse(const struct range_place *place, struct error *error);

/* 1 and the record, 0 if nothing was changed here, or -1 with a sentence. */
int range_last(const struct range_place *place, struct range_record *record,
	       struct error *error);

/* Milliseconds until the deadline of a record; below 0: it has passed. */
int64_t range_left_ms(const struct range_record *record);

/* Keeps what a try has set. -1 with a sentence: there is none, or it came too late. */
int range_confirm(const struct range_place *place, struct range_record *record,
		  struct error *error);

/* Sets what was set before the last change. What somebody else has changed since stays: a sentence. */
int range_undo(const struct range_place *place, struct range_record *record,
	       struct error *error);

/* The file that sets the range when the machine boots; portroom's own, and no other is touched. */
#define RANGE_DROPIN "/etc/sysctl.d/60-portroom.conf"

/* Whether what such files set counts for the namespace: it does for that of pid 1. 1, 0, or -1 where that one may
 * not be seen. */
int range_counts_at_boot(const struct range_place *place);

/*
 * Writes the file, with the values before in a comment, and notes in the record that undo takes it back. The old one
 * or the new one is there whatever happens in between.
 */
int range_persist(const struct range_place *place, const struct range_values *before,
		  const struct range_values *after, struct error *error);

/* Removes the file, and one that it has replaced. 1 if there was one, 0, or -1 with a sentence. */
int range_unpersist(struct error *error);
