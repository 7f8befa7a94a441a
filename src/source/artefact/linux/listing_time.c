#include "source/artefact/linux/listing_time.h"

#include "source/artefact/dossier.h"
#include "source/artefact/text/stamp.h"
#include "source/artefact/text/text_format.h"

#include <string.h>

enum { LINES_BEFORE = 6, WORDS = 10, DAY_MS = 86400000 };

static int month_of(struct span word)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	for (int i = 0; i < 12; i++)
		if (span_is_like(word, months[i]))
			return i + 1;
	return 0;
}

/* "12:00:59" */
static bool read_clock(struct span word, int32_t *ms)
{
	uint64_t parts[3];

	if (word.length != 8 || word.text[2] != ':' || word.text[5] != ':')
		return false;
	for (size_t i = 0; i < 3; i++)
		if (!span_number((struct span){ word.text + 3 * i, 2 }, i ? 60 : 23,
				 &parts[i]))
			return false;
	*ms = (int32_t)(parts[0] * 3600000 + parts[1] * 60000 + parts[2] * 1000);
	return true;
}

static void take_half(struct span word, struct stamp *stamp)
{
	const int32_t noon = DAY_MS / 2;

	if (span_is_like(word, "PM") && stamp->day_ms < noon)
		stamp->day_ms += noon;
	if (span_is_like(word, "AM") && stamp->day_ms >= noon)
		stamp->day_ms -= noon;
}

/* "Thu Nov 26 12:00:00 UTC 2026", "Thu 26 Nov 2026 12:00:00 PM CET": names of zones other than these two are ambiguous. */
static bool read_words(struct span text, struct stamp *stamp)
{
	const struct line line = { .text = text.text, .length = text.length };
	struct span words[WORDS];
	size_t count = line_fields(&line, words, WORDS);
	uint64_t number;

	*stamp = (struct stamp){ .digits = { 4, 2, 2 }, .separator = '-', .has_date = true };
	for (size_t i = 0; i < count; i++) {
		if (month_of(words[i]))
			stamp->parts[1] = (uint16_t)month_of(words[i]);
		else if (words[i].length <= 2 && span_number(words[i], 31, &number))
			stamp->parts[2] = (uint16_t)number;
		else if (words[i].length == 4 && span_number(words[i], 2100, &number))
			stamp->parts[0] = (uint16_t)number;
		else if (read_clock(words[i], &stamp->day_ms))
			stamp->has_time = true;
		else if (span_is(words[i], "UTC") || span_is(words[i], "GMT"))
			stamp->zone_known = true;
	}
	for (size_t i = 0; i < count; i++)
		take_half(words[i], stamp);
	return stamp->parts[0] && stamp->parts[1] && stamp->parts[2] && stamp->has_time;
}

static bool read_seconds(struct span text, int64_t *time_ms)
{
	uint64_t seconds;

	if (text.length != 10 || !span_number(text, UINT32_MAX, &seconds) ||
	    seconds < 1000000000)
		return false;
	*time_ms = (int64_t)seconds * 1000;
	return true;
}

static bool read_line(struct span text, int64_t *time_ms, bool *is_local)
{
	struct stamp stamp;
	struct span where;

	*is_local = false;
	if (read_seconds(text, time_ms))
		return true;
	if (!read_words(text, &stamp) &&
	    !(stamp_find(text, &stamp, &where) && stamp.has_date && stamp.has_time &&
	      stamp.digits[0] == 4))
		return false;
	*is_local = !stamp.zone_known;
	return stamp_ms(&stamp, STAMP_YEAR_FIRST, time_ms);
}

void listing_time(struct dossier *dossier, struct dossier_table *table,
		  const struct text_context *context, const struct line *line)
{
	table->time_ms = context->modified_ms;
	table->time_is_files = true;
	for (int i = 0; i < CONTEXT_LINES; i++) {
		const struct span text = { context->before[i], strlen(context->before[i]) };
		int64_t time_ms;
		bool is_local;

		if (!context->numbers[i] || context->numbers[i] + LINES_BEFORE < line->number)
			return;
		if (!read_line(text, &time_ms, &is_local))
			continue;
		table->time_ms = time_ms;
		table->time_is_local = is_local;
		table->time_is_files = false;
		table->stamp = dossier_text(dossier, text);
		return;
	}
}
