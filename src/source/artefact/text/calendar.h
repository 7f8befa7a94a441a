#pragma once

#include "source/artefact/text/stamp.h"

#include <stddef.h>

/*
 * How a file writes dates, told from all of its stamps: a day behind the twelfth, the names of days, that time does not go
 * back and goes on by steps of a loop and not of months, and when the file was last written. Where that leaves
 * a choice none is made.
 */
struct calendar {
	size_t count;
	bool all_have_dates, all_have_times, one_date;
	struct stamp first;
	struct calendar_order {
		bool possible;	/* each of them is a date in that order */
		bool days_fit;	/* English names of days are right */
		bool words_fit; /* whatever the names of days are, each has its own day */
		size_t steps_back;
		int64_t longest_ms, last_ms;
		struct calendar_word {
			char text[16];
			int day;
		} words[8];
		size_t word_count;
	} orders[STAMP_ORDERS];
};

void calendar_begin(struct calendar *calendar);
void calendar_add(struct calendar *calendar, const struct stamp *stamp);

/* `modified_ms` of the file; 0: not known. STAMP_ORDERS: it cannot be told, or not every stamp is whole. */
enum stamp_order calendar_order(const struct calendar *calendar, int64_t modified_ms);
