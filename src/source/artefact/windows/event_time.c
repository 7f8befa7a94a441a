#include "source/artefact/windows/event_time.h"

#include <string.h>

/*
 * "2019-01-16T02:01:10.611477100Z", "1/15/2019 9:01:10 PM", "15.01.2019 21:01:10", "2020/8/28 12:52:04". Of the signs only
 * those count that are the same everywhere: dots stand between day, month and year in this order, a number above 31 is a
 * year, and behind T or a colon stand hours, minutes and seconds. A word that is neither AM nor PM may be either in
 * another language: then an hour up to 12 tells nothing.
 */
enum { NUMBERS = 8 };

struct pieces {
	unsigned numbers[NUMBERS], digits[NUMBERS];
	char behind[NUMBERS]; /* the sign right behind */
	size_t count;
	size_t hour;	      /* the first number behind which a colon stands; NUMBERS: none */
	bool am, pm, foreign; /* words */
	bool utc;
	int offset_min;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void take_number(struct pieces *pieces, struct span text, size_t *at)
{
	unsigned value = 0, digits = 0;

	for (; *at < text.length && is_digit(text.text[*at]); ++*at, digits++)
		if (digits < 9)
			value = 10 * value + (unsigned)(text.text[*at] - '0');
	if (pieces->count == NUMBERS)
		return;
	pieces->numbers[pieces->count] = value;
	pieces->digits[pieces->count] = digits;
	pieces->behind[pieces->count] = *at < text.length ? text.text[*at] : '\0';
	if (pieces->behind[pieces->count] == ':' && pieces->hour == NUMBERS)
		pieces->hour = pieces->count;
	pieces->count++;
}

static void take_word(struct pieces *pieces, struct span text, size_t *at)
{
	size_t from = *at;
	struct span word;

	while (*at < text.length && !is_digit(text.text[*at]) &&
	       !strchr(" \t:./-+,", text.text[*at]))
		++*at;
	if (*at == from) {
		++*at;
		return;
	}
	word = (struct span){ text.text + from, *at - from };
	if (span_is_like(word, "AM"))
		pieces->am = true;
	else if (span_is_like(word, "PM"))
		pieces->pm = true;
	else if (span_is(word, "Z"))
		pieces->utc = true;
	else if (!span_is(word, "T"))
		pieces->foreign = true;
}

static struct pieces take_apart(struct span text)
{
	struct pieces pieces = { .hour = NUMBERS };

	for (size_t at = 0; at < text.length;)
		if (is_digit(text.text[at]))
			take_number(&pieces, text, &at);
		else
			take_word(&pieces, text, &at);
	return pieces;
}

bool event_time_is(struct span text)
{
	struct pieces pieces;

	if (text.length < 8 || text.length > 64)
		return false;
	pieces = take_apart(text);
	return pieces.hour == 3 && pieces.count >= 5;
}

/* ---- date ---- */

/* Days since 1970 of the Gregorian calendar; http://howardhinnant.github.io/date_algorithms.html, days_from_civil */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t era, year_of_era, day_of_year;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = year - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static enum event_order order_of(const struct pieces *pieces, enum event_order *known)
{
	unsigned first = pieces->numbers[0], second = pieces->numbers[1];

	if (pieces->behind[0] == '.')
		return ORDER_DAY_FIRST;
	if (first > 12 && second <= 12)
		*known = ORDER_DAY_FIRST;
	else if (second > 12 && first <= 12)
		*known = ORDER_MONTH_FIRST;
	else if (first == second)
		return ORDER_DAY_FIRST; /* it does not matter */
	return *known;
}

static bool read_date(const struct pieces *pieces, enum event_order *known, int64_t *days)
{
	unsigned year = pieces->numbers[2], month, day;

	if (pieces->digits[0] == 4) {
		year = pieces->numbers[0];
		month = pieces->numbers[1];
		day = pieces->numbers[2];
	} else {
		enum event_order order = order_of(pieces, known);

		if (order == ORDER_UNKNOWN)
			return false;
		month = pieces->numbers[order == ORDER_DAY_FIRST];
		day = pieces->numbers[order == ORDER_MONTH_FIRST];
		if (pieces->digits[2] == 2)
			year += 2000;
	}
	if (year < 1971 || year > 2999 || !month || month > 12 || !day || day > 31)
		return false;
	*days = days_of(year, month, day);
	return true;
}

/* ---- time of day ---- */

static unsigned milliseconds_of(const struct pieces *pieces)
{
	unsigned value, digits;

	if (pieces->count < 7 || pieces->behind[5] != '.')
		return 0;
	value = pieces->numbers[6];
	digits = pieces->digits[6] > 9 ? 9 : pieces->digits[6];
	for (; digits < 3; digits++)
		value *= 10;
	for (; digits > 3; digits--)
		value /= 10;
	return value;
}

static bool read_time(const struct pieces *pieces, int64_t *time_ms)
{
	unsigned hour = pieces->numbers[3], minute = pieces->numbers[4],
		 second = pieces->count > 5 && pieces->behind[4] == ':' ? pieces->numbers[5] :
									  0;

	if (pieces->foreign && hour <= 12)
		return false;
	if ((pieces->am || pieces->pm) && (!hour || hour > 12))
		return false;
	if (pieces->am || pieces->pm)
		hour = hour % 12 + (pieces->pm ? 12 : 0);
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*time_ms = ((int64_t)hour * 3600 + minute * 60 + second) * 1000;
	if (pieces->count > 5)
		*time_ms += milliseconds_of(pieces);
	return true;
}

/* "+01:00" at the end, in minutes */
static bool read_offset(struct span text, int *minutes)
{
	const char *at;
	uint64_t hours, rest;

	if (text.length < 6)
		return false;
	at = text.text + text.length - 6;
	if ((*at != '+' && *at != '-') || at[3] != ':' ||
	    !span_number((struct span){ at + 1, 2 }, 14, &hours) ||
	    !span_number((struct span){ at + 4, 2 }, 59, &rest))
		return false;
	*minutes = (int)(hours * 60 + rest) * (*at == '-' ? -1 : 1);
	return true;
}

struct event_time event_time_read(struct span text, enum event_order *order)
{
	struct event_time none = { 0 };
	struct pieces pieces;
	int64_t days, time_ms;
	int offset_min = 0;
	bool has_offset;

	if (!event_time_is(text))
		return none;
	pieces = take_apart(text);
	has_offset = read_offset(text, &offset_min);
	if (!read_date(&pieces, order, &days) || !read_time(&pieces, &time_ms))
		return none;
	return (struct event_time){
		.time_ms = days * 86400000 + time_ms - (int64_t)offset_min * 60000,
		.is_local = !pieces.utc && !has_offset,
	};
}
