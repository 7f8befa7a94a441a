#pragma once

#include "snapshot/snapshot.h"

#include <stddef.h>

/*
 * A snapshot as it is saved in a file: which of its facts, under which key, in which form. One table serves who
 * writes and who reads. docs/schema/snapshot-1.json describes the file.
 *
 * What is not in a table is made anew when it is read: indexes, what a holding belongs to.
 */
enum saved_type {
	SAVED_BOOL,
	SAVED_U8,
	SAVED_U16,
	SAVED_U32,
	SAVED_I32,   /* null: -1, as of the next */
	SAVED_I64,   /* up to SAVED_MOST: what is judged is multiplied, too */
	SAVED_LIMIT, /* the same, but the greatest there is may stand for none */
	SAVED_U64,   /* as text: a program may have no such numbers */
	SAVED_DOUBLE,
	SAVED_TEXT,    /* null: NULL */
	SAVED_ADDRESS, /* null: FAMILY_NONE */
	SAVED_PORTS,   /* a struct port_set, "40000-40009,40095" */
	SAVED_RANGE,   /* "32768-60999"; null: not known */
	SAVED_WORD8,   /* of `words`, in a uint8_t */
	SAVED_WORD,    /* the same in an enum */
};

#define SAVED_MOST (INT64_C(1) << 53) /* what JSON is sure to carry, RFC 8259, section 6 */

struct saved_field {
	const char *key;
	enum saved_type type;
	size_t offset;
	const char *const *words; /* of an enum, by its value */
	unsigned word_count;
};

/* An array of structures. */
struct saved_table {
	const char *key; /* in the document */
	size_t size;	 /* of one */
	const struct saved_field *fields;
	size_t field_count;
	uint32_t most; /* more are not read: no machine has so many */
};

extern const struct saved_table saved_machine, saved_netns, saved_process, saved_holding,
	saved_gap, saved_source, saved_nat_tuple, saved_nat_source, saved_nat_rule,
	saved_port_rule, saved_boot_socket;

/* Of Windows only, and only there in the file: one row; and four of them, those of TCP before those of UDP, IPv4 before
 * IPv6. */
extern const struct saved_table saved_windows, saved_windows_range;

/* Where the machine's own logs were read: what was read, the logs in it, and events alike. `read` is a row of the first. */
extern const struct saved_table saved_log_read, saved_log, saved_event;
