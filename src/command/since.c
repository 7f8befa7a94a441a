#include "command/since.h"

#include "base/language.h"
#include "base/text.h"
#include "system/clock.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
enum { MOST_DAYS = 36500 };

/* "7d"; shorter ones as everywhere. */
static bool take_duration(const char *value, int64_t *milliseconds)
{
	size_t length = strlen(value);
	char number[16];
	uint64_t found;

	if (length > 1 && length < sizeof number && value[length - 1] == 'd') {
		snprintf(number, sizeof number, "%.*s", (int)(length - 1), value);
		if (!text_to_number(number, MOST_DAYS, &found) || !found)
			return false;
		*milliseconds = (int64_t)found * DAY_MS;
		return true;
	}
	if (!text_to_duration(value, MOST_DAYS * DAY_MS, &found) || !found)
		return false;
	*milliseconds = (int64_t)found;
	return true;
}

/* So many digits, and what stands behind them. */
static bool take_digits(const char **at, unsigned digits, char behind, int *number)
{
	*number = 0;
	for (; digits; digits--, ++*at) {
		if (!isdigit((unsigned char)**at))
			return false;
		*number = *number * 10 + **at - '0';
	}
	if (behind && **at != behind)
		return false;
	*at += behind != '\0';
	return true;
}

static bool take_time_of_day(const char **at, struct tm *time, int *milliseconds)
{
	if (!take_digits(at, 2, ':', &time->tm_hour) ||
	    !take_digits(at, 2, '\0', &time->tm_min))
		return false;
	if (**at != ':')
		return true;
	++*at;
	if (!take_digits(at, 2, '\0', &time->tm_sec))
		return false;
	if (**at != '.')
		return true;
	++*at;
	return take_digits(at, 3, '\0', milliseconds);
}

/* What mktime() has to move, such as February 30 or an hour that the clocks leave out, is no time. */
static bool is_as_typed(const struct tm *typed, const struct tm *made, bool day_only)
{
	if (day_only) /* whose midnight may be left out, too */
		return typed->tm_mon == made->tm_mon && typed->tm_mday == made->tm_mday;
	return typed->tm_year == made->tm_year && typed->tm_mon == made->tm_mon &&
	       typed->tm_mday == made->tm_mday && typed->tm_hour == made->tm_hour &&
	       typed->tm_min == made->tm_min && typed->tm_sec == made->tm_sec;
}

/* Of an hour that comes twice the first, so that nothing is left out. */
static time_t earliest(struct tm *time)
{
	struct tm summer = *time;
	time_t seconds = mktime(time), first;

	summer.tm_isdst = 1;
	first = mktime(&summer);
	if (first == (time_t)-1 || first >= seconds || summer.tm_hour != time->tm_hour ||
	    summer.tm_mday != time->tm_mday)
		return seconds;
	*time = summer;
	return first;
}

static bool take_date(const char *at, int64_t *since_ms)
{
	struct tm typed = { .tm_isdst = -1 }, made;
	int milliseconds = 0;
	bool utc = false, day_only = true;
	time_t seconds;

	if (!take_digits(&at, 4, '-', &typed.tm_year) ||
	    !take_digits(&at, 2, '-', &typed.tm_mon) ||
	    !take_digits(&at, 2, '\0', &typed.tm_mday))
		return false;
	typed.tm_year -= 1900;
	typed.tm_mon -= 1;
	if (*at == ' ' || *at == 'T') {
		at++;
		day_only = false;
		if (!take_time_of_day(&at, &typed, &milliseconds))
			return false;
		utc = *at == 'Z';
		at += utc;
	}
	made = typed;
	seconds = utc ? (time_t)clock_of_utc(&made) : earliest(&made);
	if (*at || !is_as_typed(&typed, &made, day_only))
		return false;
	*since_ms = seconds > 0 ? (int64_t)seconds * 1000 + milliseconds : 0;
	return true;
}

int since_parse(const char *value, int64_t now_ms, int64_t *since_ms, struct error *error)
{
	int64_t ago;

	if (take_duration(value, &ago)) {
		*since_ms = ago < now_ms ? now_ms - ago : 0;
		return 0;
	}
	if (!take_date(value, since_ms))
		return error_set(
			error,
			_("--since '%s' is no time; write it as 1h, 7d, 2026-11-28 or "
			  "'2026-11-28 03:00'"),
			value);
	if (*since_ms > now_ms)
		return error_set(error, _("--since '%s' is yet to come"), value);
	return 0;
}
