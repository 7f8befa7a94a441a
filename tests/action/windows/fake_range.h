#pragma once

#include "action/windows/range.h"
#include "action/windows/range_rows.h"
#include "source/windows/range/netsh_command.h"

/*
 * What the tests of a change of the range share: a netsh that has four rows, and a folder of its own for the record.
 */
extern struct fake_range {
	struct range_rows rows, next_rows; /* of netsh's stores active and persistent */
	unsigned sets, refuse_from;	   /* so many are taken; 0: all are */
	int refused_row;		   /* protocol * 2 + family; -1: none */
	unsigned unstarted;		   /* of set, so many cannot be started */
	bool does_nothing, is_joined, is_mute;
	bool is_mute_of_next;	     /* it tells nothing of the next start */
	bool is_mute_once_set;	     /* nor of that, as soon as a row was set */
	bool hangs, hangs_when_done; /* set */
	char last_set[120];
	char folder[260], told[600];
	/* How often it was waited, without any time; after so many no row is refused any more. */
	unsigned rests, refused_rests;
} fake;

extern const struct netsh fake_netsh;
extern const struct port_range fake_old, fake_wide;

/* All rows are `fake_old`, and there is no folder; fake_end() removes it. */
void fake_begin(void);
void fake_end(void);
struct range_tools fake_tools(void);

/* Of all rows, from `fake_old` to `fake_wide`. */
struct range_request fake_request(void);

/* A record as one leaves it who is killed. */
void fake_leave(bool changing, int64_t left_ms, struct port_range set);

/* Into fake.told. */
void fake_tell(const char *sentence);

void all_rows(struct range_rows *rows, struct port_range range);
bool are_all(const struct range_rows *rows, struct port_range range);
