#include "source/artefact/text/calendar.h"

#include <string.h>

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

void calendar_begin(struct calendar *calendar)
{
	*calendar = (struct calendar){ .all_have_dates = true,
				       .all_have_times = true,
				       .one_date = true };
	for (int i = 0; i < STAMP_ORDERS; i++)
		calendar->orders[i] = (struct calendar_order){
			.possible = true,
			.days_fit = true,
			.words_fit = true,
		};
}

/* ---- each stamp ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* "Wed", "wednesday,"; -1: it is no English one. */
static int english_day(const char *word)
{
	static const char days[][4] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

	for (int day = 0; day < 7; day++)
		if (lower(word[0]) == days[day][0] && lower(word[1]) == days[day][1] &&
		    lower(word[2]) == days[day][2] &&
		    (!word[3] || strchr(",.", word[3]) || strstr(word, "day")))
			return day;
	return -1;
}

static void look_at_word(struct calendar_order *order, const char *word, int day)
{
	enum { MOST = sizeof order->words / sizeof order->words[0] };
	int english = english_day(word);

	if (!*word)
		return;
	if (english >= 0 && english != day)
		order->days_fit = false;
	for (size_t i = 0; i < order->word_count; i++)
		if (!strcmp(order->words[i].text, word)) {
			order->words_fit &= order->words[i].day == day;
			return;
		}
	for (size_t i = 0; i < order->word_count; i++)
		order->words_fit &= order->words[i].day != day;
	if (order->word_count == MOST)
		return;
	strcpy(order->words[order->word_count].text, word);
	order->words[order->word_count++].day = day;
}

static void add_to(struct calendar_order *order, const struct stamp *stamp,
		   enum stamp_order kind, bool is_first)
{
	enum { SUMMER_TIME_MS = 2 * HOUR_MS }; /* it may end meanwhile */
	int64_t time_ms, step_ms;

	if (!order->possible)
		return;
	order->possible = stamp_ms(stamp, kind, &time_ms);
	if (!order->possible)
		return;
	look_at_word(order, stamp->weekday, stamp_weekday(time_ms));
	step_ms = is_first ? 0 : time_ms - order->last_ms;
	order->steps_back += step_ms < -SUMMER_TIME_MS;
	if (step_ms > order->longest_ms)
		order->longest_ms = step_ms;
	order->last_ms = time_ms;
}

void calendar_add(struct calendar *calendar, const struct stamp *stamp)
{
	bool is_first = !calendar->count++;

	if (is_first)
		calendar->first = *stamp;
	calendar->all_have_dates &= stamp->has_date;
	calendar->all_have_times &= stamp->has_time;
	calendar->one_date &=
		!memcmp(stamp->parts, calendar->first.parts, sizeof stamp->parts);
	for (int i = 0; i < STAMP_ORDERS; i++)
		add_to(&calendar->orders[i], stamp, i, is_first);
}

/* ---- all together ---- */

struct choice {
	const struct calendar *calendar;
	bool open[STAMP_ORDERS];
};

static int count_open(const struct choice *choice)
{
	int count = 0;

	for (int i = 0; i < STAMP_ORDERS; i++)
		count += choice->open[i];
	return count;
}

/* What all are against says nothing: then it is no name of a day, or the clock was set back. */
static void keep_those(struct choice *choice,
		       bool (*fits)(const struct calendar_order *order, int64_t modified_ms),
		       int64_t modified_ms)
{
	struct choice kept = *choice;

	for (int i = 0; i < STAMP_ORDERS; i++)
		kept.open[i] &= fits(&choice->calendar->orders[i], modified_ms);
	if (count_open(&kept))
		*choice = kept;
}

static bool has_right_days(const struct calendar_order *order, int64_t modified_ms)
{
	(void)modified_ms;
	return order->days_fit;
}

static bool has_one_word_a_day(const struct calendar_order *order, int64_t modified_ms)
{
	(void)modified_ms;
	return order->words_fit;
}

static bool goes_on(const struct calendar_order *order, int64_t modified_ms)
{
	(void)modified_ms;
	return !order->steps_back;
}

/* A loop makes no pauses of weeks; days and months that are mistaken for each other do. */
static bool has_short_steps(const struct calendar_order *order, int64_t modified_ms)
{
	(void)modified_ms;
	return order->longest_ms < (int64_t)20 * DAY_MS;
}

/* The zone is not known: between 12 hours behind UTC and 14 before it. */
static bool is_not_later(const struct calendar_order *order, int64_t modified_ms)
{
	return order->last_ms - modified_ms <= 14 * HOUR_MS + HOUR_MS;
}

/* A file is written when it gets its last listing; copies have a time of their own, and then no order fits. */
static bool is_as_old_as_the_file(const struct calendar_order *order, int64_t modified_ms)
{
	int64_t off_ms = modified_ms - order->last_ms;

	return off_ms > -(15 * HOUR_MS) && off_ms < 15 * HOUR_MS;
}

enum stamp_order calendar_order(const struct calendar *calendar, int64_t modified_ms)
{
	struct choice choice = { .calendar = calendar };

	if (!calendar->count || !calendar->all_have_dates || !calendar->all_have_times)
		return STAMP_ORDERS;
	for (int i = 0; i < STAMP_ORDERS; i++)
		choice.open[i] = calendar->orders[i].possible;
	/* The same day and month in one date: both orders say the same. */
	if (calendar->one_date && calendar->first.parts[0] == calendar->first.parts[1])
		choice.open[STAMP_MONTH_FIRST] &= !choice.open[STAMP_DAY_FIRST];
	keep_those(&choice, has_right_days, 0);
	keep_those(&choice, has_one_word_a_day, 0);
	keep_those(&choice, goes_on, 0);
	keep_those(&choice, has_short_steps, 0);
	if (modified_ms) {
		keep_those(&choice, is_not_later, modified_ms);
		keep_those(&choice, is_as_old_as_the_file, modified_ms);
	}
	if (count_open(&choice) != 1)
		return STAMP_ORDERS;
	for (int i = 0; i < STAMP_ORDERS; i++)
		if (choice.open[i])
			return i;
	return STAMP_ORDERS;
}
