#include "source/artefact/text/text_format.h"
#include "source/artefact/windows/event.h"
#include "source/artefact/windows/event_time.h"
#include "source/artefact/windows/fields.h"

/*
 * What Event Viewer saves as CSV or as text with tabs. The first line has the names of the columns in the language of the
 * system, so that the order counts; the description stands behind the last name, and may have lines of its own:
 *
 *     Level,Date and Time,Source,Event ID,Task Category
 *     Warning,1/15/2019 9:01:10 PM,Tcpip,4227,None,"TCP/IP failed to establish ...
 *     ..."
 */
enum { LEVEL, DATE, SOURCE, NUMBER, CATEGORY, DESCRIPTION, MOST_CONTINUED = 1000 };

struct rows {
	struct event_tally tally;
	enum event_order order;
	unsigned continued; /* lines of a description so far; 0: none is open */
};

static bool is_word(struct span text)
{
	uint64_t number;

	return text.length && !span_number(text, UINT64_MAX, &number);
}

static bool take_row(struct rows *rows, const struct line *line)
{
	const char sign = fields_sign(line);
	struct event_record record = { 0 };
	struct event_time time;
	struct fields fields;

	if (!sign || !fields_split(&fields, line, sign) || fields.count <= CATEGORY ||
	    !is_word(fields.items[LEVEL]) || !event_time_is(fields.items[DATE]) ||
	    !is_word(fields.items[SOURCE]) || !event_set_id(&record, fields.items[NUMBER]))
		return false;
	event_set(record.provider, sizeof record.provider, fields.items[SOURCE]);
	time = event_time_read(fields.items[DATE], &rows->order);
	record.time_ms = time.time_ms;
	record.time_is_local = time.is_local;
	if (!time.time_ms)
		event_set(record.text, sizeof record.text, fields.items[DATE]);
	if (fields.count > DESCRIPTION)
		event_append(record.text, sizeof record.text, ": ", fields.items[DESCRIPTION]);
	event_tally_take(&rows->tally, &record);
	rows->continued = fields.open;
	return true;
}

static bool take(void *state, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct rows *rows = state;

	(void)context;
	rows->tally.dossier = dossier;
	if (rows->continued && rows->continued < MOST_CONTINUED) {
		rows->continued = fields_closes(line) ? 0 : rows->continued + 1;
		return true;
	}
	rows->continued = 0;
	return take_row(rows, line);
}

static void end(void *state, struct dossier *dossier, bool is_last)
{
	struct rows *rows = state;

	(void)dossier;
	(void)is_last;
	event_tally_end(&rows->tally);
}

const struct text_format text_format_event_rows = {
	.name = "event_rows",
	.state_size = sizeof(struct rows),
	.take = take,
	.end = end,
};
