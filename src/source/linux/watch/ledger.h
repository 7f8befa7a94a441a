#pragma once

#include "base/error.h"
#include "snapshot/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#include "source/linux/bpf/ledger.h"

/*
 * Which process opened a TCP connection, noted by a BPF program in every connect() from the moment the
 * ledger begins (bpf/ledger.bpf.c). It remembers the last so many; an older connection is not found,
 * and never another's maker told instead.
 */
struct ledger;
struct socket_record;

/* Of 64 bytes each. So many are enough for 26,000 connections/s over five seconds. */
enum { LEDGER_ENTRIES_LEAST = 1 << 17, LEDGER_ENTRIES_MOST = 1 << 20 };

/* Entries for a machine on which so many connections rest in TIME_WAIT: twice as many, within the limits
 * above. */
size_t ledger_entries_for(int64_t time_waits);

/* Begins one. It belongs to this process and ends with it, however that ends. `entries` is a power of two.
 * NULL with the reason where BPF is not to be had. */
struct ledger *ledger_open(size_t entries, struct error *error);

/* Lets go of it: one of this process' own ends, one that is pinned goes on. NULL is allowed. */
void ledger_close(struct ledger *ledger);

/* Who called connect() for what now is this record, which must have a cookie. False if that is not in the
 * ledger. maker->process is 0 where it was the kernel itself. */
bool ledger_find(const struct ledger *ledger, uint64_t netns,
		 const struct socket_record *record, struct ledger_maker_key *maker);

/* What was noted of that process; false if it had to give place to others. */
bool ledger_describe(const struct ledger *ledger, const struct ledger_maker_key *key,
		     struct ledger_maker *maker);

/*
 * Hands over each entry that was not there at the call before. `turned`: it was handed over already, but
 * what is said by LEDGER_NO_PORT has changed since: a call that was under way then has ended.
 * Returns how many came and gave place again between the calls. ledger_skip() hands over nothing.
 */
uint64_t ledger_collect(struct ledger *ledger,
			void (*take)(void *context, const struct ledger_entry *entry,
				     bool turned),
			void *context);
void ledger_skip(struct ledger *ledger);

/* Either end of an entry's connection. */
struct address ledger_address(const struct ledger_entry *entry, const u8 bytes[16]);

/* Its counts; process numbers are visible to whoever is in .pid_namespace. */
struct ledger_state ledger_state_of(const struct ledger *ledger);

/* ---- pinned, so that it outlives who began it: ledger_pin.c ---- */

/* Where a recorder pins it: $PORTROOM_LEDGER or /sys/fs/bpf/portroom/ledger. */
const char *ledger_folder(void);

/* Whether something is there at all. */
bool ledger_is_pinned(const char *folder);

/* Pins it into a folder of a bpffs, which is made. From then on it runs until ledger_unpin(), whatever
 * becomes of this process. */
int ledger_pin(const struct ledger *ledger, const char *folder, struct error *error);

/* Ends what is pinned there; 0 also if nothing is. */
int ledger_unpin(const char *folder, struct error *error);

/* Reads along with the one that is pinned there. NULL with the reason if it is not one of ours, of this
 * version, of root alone, and running. */
struct ledger *ledger_adopt(const char *folder, struct error *error);

/* For a recorder: goes on with what an earlier one has left there; if that is of no use, it is removed
 * and one of so many entries begun and pinned. */
struct ledger *ledger_record(const char *folder, size_t entries, struct error *error);

/* ---- what both files share ---- */

/* Descriptors, -1: none. */
struct ledger_parts {
	int entries, makers, state, link;
};

/* Of another's: takes over the descriptors, also where it fails. NULL with errno. */
struct ledger *ledger_of_parts(struct ledger_parts parts, size_t entries);
struct ledger_parts ledger_parts_of(const struct ledger *ledger);
