#include "source/artefact/text/stamp.h"

#include <string.h>

/* ---- what stands there ---- */

struct scan {
	const char *at, *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t'))
		scan->at++;
}

static bool take_char(struct scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

/* So many digits; 0: there are none, or more. */
static unsigned take_number(struct scan *scan, unsigned most, unsigned *number)
{
	unsigned digits = 0;

	*number = 0;
	while (scan->at < scan->end && is_digit(*scan->at)) {
		if (++digits > most)
			return 0;
		*number = 10 * *number + (unsigned)(*scan->at++ - '0');
	}
	return digits;
}

/* "01/22/2025", "2025-01-22", "22.01.25"; in Hungary "2025. 01. 22." */
static bool take_date(struct scan *scan, struct stamp *stamp)
{
	struct scan at = *scan;
	unsigned number;

	for (int i = 0; i < 3; i++) {
		stamp->digits[i] = (uint8_t)take_number(&at, 4, &number);
		stamp->parts[i] = (uint16_t)number;
		if (!stamp->digits[i])
			return false;
		if (i == 2)
			break;
		if (at.at == at.end || !strchr("/.-", *at.at) ||
		    (i && *at.at != stamp->separator))
			return false;
		stamp->separator = *at.at++;
		if (stamp->separator == '.')
			skip_blanks(&at);
	}
	if (stamp->digits[1] > 2 || stamp->digits[0] == 3 || stamp->digits[2] == 3 ||
	    stamp->digits[2] == 1 || (stamp->digits[0] == 4 && stamp->digits[2] == 4))
		return false;
	take_char(&at, '.');
	if (at.at < at.end && (is_digit(*at.at) || strchr("/-\\_", *at.at)))
		return false;
	*scan = at;
	return true;
}

static bool is_dual(unsigned digits)
{
	return digits == 2;
}

/* "13:05:09.12", " 9:05:09,12", "9.05.09,12", "13:05" */
static bool take_time(struct scan *scan, struct stamp *stamp)
{
	struct scan at = *scan;
	unsigned hour, minute, second = 0, fraction = 0, digits;
	char separator;

	digits = take_number(&at, 2, &hour);
	if (!digits || hour > 23 || at.at == at.end || !strchr(":.", *at.at))
		return false;
	separator = *at.at++;
	if (!is_dual(take_number(&at, 2, &minute)) || minute > 59)
		return false;
	if (take_char(&at, separator)) {
		if (!is_dual(take_number(&at, 2, &second)) || second > 60)
			return false;
	} else if (separator == '.') {
		return false; /* a number */
	}
	if (at.at + 1 < at.end && strchr(".,", *at.at) && is_digit(at.at[1])) {
		unsigned unit = 100;

		for (at.at++; at.at < at.end && is_digit(*at.at); at.at++, unit /= 10)
			fraction += unit * (unsigned)(*at.at - '0');
	}
	stamp->day_ms = (int32_t)(((hour * 60 + minute) * 60 + second) * 1000 + fraction);
	stamp->has_time = true;
	*scan = at;
	return true;
}

/* ---- beside the time ---- */

/* Before or after noon, in the encodings that a console may have: ASCII, UTF-8, code pages 932, 936 and 949. */
static const struct {
	const char *text;
	bool after_noon;
} halves[] = {
	{ "AM", false },
	{ "PM", true },
	{ "am", false },
	{ "pm", true },
	{ "a.m.", false },
	{ "p.m.", true },
	{ "\xE4\xB8\x8A\xE5\x8D\x88", false }, /* shangwu */
	{ "\xE4\xB8\x8B\xE5\x8D\x88", true },  /* xiawu */
	{ "\xC9\xCF\xCE\xE7", false },
	{ "\xCF\xC2\xCE\xE7", true },
	{ "\xEC\x98\xA4\xEC\xA0\x84", false }, /* ojeon */
	{ "\xEC\x98\xA4\xED\x9B\x84", true },  /* ohu */
	{ "\xBF\xC0\xC0\xFC", false },
	{ "\xBF\xC0\xC8\xC4", true },
	{ "\xE5\x8D\x88\xE5\x89\x8D", false }, /* gozen */
	{ "\xE5\x8D\x88\xE5\xBE\x8C", true },  /* gogo */
	{ "\x8C\xDF\x91\x4F", false },
	{ "\x8C\xDF\x8C\xE3", true },
};

enum half { HALF_NONE, HALF_BEFORE, HALF_AFTER };

static enum half take_half(struct scan *scan)
{
	skip_blanks(scan);
	for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++) {
		size_t length = strlen(halves[i].text);

		if ((size_t)(scan->end - scan->at) < length ||
		    memcmp(scan->at, halves[i].text, length))
			continue;
		scan->at += length;
		return halves[i].after_noon ? HALF_AFTER : HALF_BEFORE;
	}
	return HALF_NONE;
}

static void mind_half(struct stamp *stamp, enum half half)
{
	enum { HOUR_MS = 3600 * 1000, NOON_MS = 12 * HOUR_MS };

	if (half == HALF_AFTER && stamp->day_ms < NOON_MS)
		stamp->day_ms += NOON_MS;
	if (half == HALF_BEFORE && stamp->day_ms >= NOON_MS &&
	    stamp->day_ms < NOON_MS + HOUR_MS)
		stamp->day_ms -= NOON_MS;
}

/* "Z", "+01:00", "-0500" */
static void take_zone(struct scan *scan, struct stamp *stamp)
{
	struct scan at = *scan;
	unsigned hours, minutes;
	int sign;

	if (take_char(&at, 'Z')) {
		stamp->zone_known = true;
		*scan = at;
		return;
	}
	skip_blanks(&at);
	if (at.at == at.end || (*at.at != '+' && *at.at != '-'))
		return;
	sign = *at.at++ == '-' ? -1 : 1;
	if (at.end - at.at < 4 || !is_digit(at.at[0]) || !is_digit(at.at[1]))
		return;
	hours = 10 * (unsigned)(at.at[0] - '0') + (unsigned)(at.at[1] - '0');
	at.at += 2;
	take_char(&at, ':');
	if (!is_dual(take_number(&at, 2, &minutes)) || hours > 14 || minutes > 59)
		return;
	stamp->zone_known = true;
	stamp->zone_ms = sign * (int32_t)((hours * 60 + minutes) * 60000);
	*scan = at;
}

static void keep_weekday(struct stamp *stamp, const char *from, const char *end)
{
	size_t length = (size_t)(end - from);

	if (length < sizeof stamp->weekday) {
		memcpy(stamp->weekday, from, length);
		stamp->weekday[length] = '\0';
	}
}

/* Between date and time may be a word, and a T. */
static bool take_time_behind(struct scan *scan, struct stamp *stamp)
{
	struct scan at = *scan;
	enum half half;
	const char *word;

	if (take_char(&at, 'T') && take_time(&at, stamp)) {
		take_zone(&at, stamp);
		*scan = at;
		return true;
	}
	at = *scan;
	take_char(&at, ',');
	half = take_half(&at);
	skip_blanks(&at);
	word = at.at;
	if (at.at < at.end && !is_digit(*at.at)) {
		while (at.at < at.end && *at.at != ' ' && *at.at != '\t')
			at.at++;
		if (!*stamp->weekday)
			keep_weekday(stamp, word, at.at);
		if (!half)
			half = take_half(&at);
		skip_blanks(&at);
	}
	if (!take_time(&at, stamp))
		return false;
	take_zone(&at, stamp);
	*scan = at;
	if (!half) {
		half = take_half(&at);
		if (half)
			*scan = at;
	}
	mind_half(stamp, half);
	return true;
}

/* Where it begins; `date` if there is none. */
static const char *find_weekday_before(struct stamp *stamp, const char *line, const char *date)
{
	const char *end = date, *from;

	while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	from = end;
	while (from > line && from[-1] != ' ' && from[-1] != '\t')
		from--;
	if (end == from || end == date)
		return date;
	keep_weekday(stamp, from, end);
	return *stamp->weekday ? from : date;
}

static bool begins_number(const char *line, const char *at)
{
	return is_digit(*at) &&
	       (at == line || (!is_digit(at[-1]) && !strchr(".:/-%]", at[-1])));
}

static bool find_time_alone(struct span line, struct stamp *stamp, struct span *text)
{
	for (const char *at = line.text; at < line.text + line.length; at++) {
		struct scan scan = { at, line.text + line.length };
		enum half half;

		if (!begins_number(line.text, at) || !take_time(&scan, stamp))
			continue;
		if (scan.at < scan.end && strchr(":.-/", *scan.at))
			continue; /* a part of something else */
		*text = (struct span){ at, (size_t)(scan.at - at) };
		half = take_half(&scan);
		mind_half(stamp, half);
		if (half)
			text->length = (size_t)(scan.at - at);
		return true;
	}
	*stamp = (struct stamp){ 0 };
	return false;
}

bool stamp_find(struct span line, struct stamp *stamp, struct span *text)
{
	enum { LONGEST = 1024 };

	if (line.length > LONGEST)
		line.length = LONGEST;
	for (const char *at = line.text; at < line.text + line.length; at++) {
		struct scan scan = { at, line.text + line.length };

		*stamp = (struct stamp){ 0 };
		if (!begins_number(line.text, at) || !take_date(&scan, stamp))
			continue;
		stamp->has_date = true;
		at = find_weekday_before(stamp, line.text, at);
		take_time_behind(&scan, stamp);
		*text = (struct span){ at, (size_t)(scan.at - at) };
		return true;
	}
	*stamp = (struct stamp){ 0 };
	return find_time_alone(line, stamp, text);
}

/* ---- the calendar ---- */

/* Of the proleptic Gregorian calendar; Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = y / 400;
	unsigned of_era = (unsigned)(y - era * 400);
	unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;

	return era * 146097 + days - 719468;
}

static unsigned days_in(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && !(year % 4) && (year % 100 || !(year % 400)));
}

bool stamp_ms(const struct stamp *stamp, enum stamp_order order, int64_t *time_ms)
{
	enum { FIRST_YEAR = 1990, LAST_YEAR = 2200 }; /* of other eras (2568) not */
	static const uint8_t places[STAMP_ORDERS][3] = {
		[STAMP_YEAR_FIRST] = { 0, 1, 2 },
		[STAMP_DAY_FIRST] = { 2, 1, 0 },
		[STAMP_MONTH_FIRST] = { 2, 0, 1 },
	};
	const uint8_t *place = places[order];
	unsigned year = stamp->parts[place[0]], month = stamp->parts[place[1]],
		 day = stamp->parts[place[2]];

	if (!stamp->has_date || stamp->digits[place[0]] < 2 || stamp->digits[place[1]] > 2 ||
	    stamp->digits[place[2]] > 2)
		return false;
	if (stamp->digits[place[0]] == 2)
		year += 2000;
	/* No locale of Windows has dots between month and day in that order. */
	if (order == STAMP_MONTH_FIRST && stamp->separator == '.')
		return false;
	if (year < FIRST_YEAR || year > LAST_YEAR || !month || month > 12 || !day ||
	    day > days_in(year, month))
		return false;
	*time_ms = days_of(year, month, day) * 86400000 + stamp->day_ms -
		   (stamp->zone_known ? stamp->zone_ms : 0);
	return true;
}

int stamp_weekday(int64_t time_ms)
{
	return (int)((time_ms / 86400000 + 4) % 7); /* 1970 began on a Thursday */
}
