#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/fields.h"
#include "source/artefact/windows/records.h"

#include <stdlib.h>
#include <string.h>

/*
 * Export-Csv and ConvertTo-Csv, and wmic's /format:csv. Signs between the fields are those of the country: a comma, a
 * semicolon, or a tab; a line "#TYPE" may stand before, and a value in quotes may go on in the next line. Columns are found
 * by their names, which are not translated.
 */
enum { NAMES_TEXT = 8192, MOST_CONTINUED = 1000, MOST_LOOKS = 16 };

struct csv {
	struct records records;
	struct names {
		char text[NAMES_TEXT];
		struct span items[RECORD_FIELDS];
		size_t count;
	} * names;
	char sign;
	unsigned continued; /* lines of a value in quotes so far; 0: none is open */
	struct held {
		char text[LINE_MOST];
		size_t length;
		uint64_t number; /* of its first line */
		unsigned looks;	 /* how often it was taken apart in vain */
	} * held; /* a row that cannot be taken before that value has ended; its length 0: there is none */
};

/* ---- the line with the names ---- */

static void copy_names(struct names *names, const struct record *record)
{
	size_t used = 0;

	names->count = 0;
	for (size_t i = 0; i < record->count; i++) {
		const struct span name = record->names[i];
		size_t length = name.length <= NAMES_TEXT - used ? name.length : 0;

		memcpy(names->text + used, name.text, length);
		names->items[names->count++] = (struct span){ names->text + used, length };
		used += length;
	}
}

static bool take_names(struct csv *csv, struct dossier *dossier,
		       const struct text_context *context, const struct line *line)
{
	const struct span nothing = { NULL, 0 };
	const struct record_kind *kind;
	struct fields fields;
	struct record record = { .count = 0 };
	struct prompt prompt;
	char sign = fields_sign(line);

	if (!sign || !fields_split(&fields, line, sign) || fields.count < 2)
		return false;
	for (size_t i = 0; i < fields.count; i++)
		record_add(&record, fields.items[i], nothing);
	prompt_find(&prompt, context);
	kind = records_kind_of(&record, &prompt);
	if (!kind)
		return false;
	records_begin(&csv->records, dossier, kind, &prompt, &record);
	if (!csv->names)
		csv->names = memory_zeroed(1, sizeof *csv->names);
	copy_names(csv->names, &record);
	csv->sign = sign;
	return true;
}

/* ---- rows ---- */

/* Another line of the row, or its first. What is beyond a line's limit is left out. */
static void hold(struct csv *csv, const struct line *line)
{
	struct held *held = csv->held;
	size_t room, length = line->length;

	if (!held)
		held = csv->held = memory_zeroed(1, sizeof *held);
	if (line->text == held->text)
		return;
	if (!held->length) {
		held->number = line->number;
		held->looks = 0;
	} else if (held->length < LINE_MOST) {
		held->text[held->length++] = ' ';
	}
	room = LINE_MOST - held->length;
	if (length > room)
		length = room;
	memcpy(held->text + held->length, line->text, length);
	held->length += length;
}

static bool take_row(struct csv *csv, struct dossier *dossier, const struct line *line)
{
	const struct names *names = csv->names;
	struct record record = { .count = 0 };
	struct fields fields;

	if (!fields_split(&fields, line, csv->sign))
		return false;
	csv->continued = fields.open;
	if (fields.open && fields.count < names->count) {
		hold(csv, line);
		return true;
	}
	if (fields.count < 2 || fields.count > names->count ||
	    (fields.count < names->count && !fields.open))
		return false;
	for (size_t i = 0; i < fields.count; i++)
		record_add(&record, names->items[i], fields.items[i]);
	return records_take(&csv->records, dossier, &record);
}

static void take_held(struct csv *csv, struct dossier *dossier)
{
	const struct line row = { .text = csv->held->text,
				  .length = csv->held->length,
				  .number = csv->held->number };

	if (!take_row(csv, dossier, &row))
		records_unread(&csv->records, row.number);
	if (csv->continued && ++csv->held->looks == MOST_LOOKS) {
		records_unread(&csv->records, row.number);
		csv->continued = 0;
	}
	if (!csv->continued)
		csv->held->length = 0;
}

static void take_continued(struct csv *csv, struct dossier *dossier, const struct line *line)
{
	const bool is_held = csv->held && csv->held->length;

	if (is_held)
		hold(csv, line);
	if (fields_closes(line)) {
		csv->continued = 0;
		if (is_held)
			take_held(csv, dossier);
	} else if (++csv->continued > MOST_CONTINUED) {
		csv->continued = 0;
		if (is_held)
			csv->held->length = 0;
	}
}

static bool take_within(struct csv *csv, struct dossier *dossier, const struct line *line)
{
	if (csv->continued) {
		take_continued(csv, dossier, line);
		return true;
	}
	if (line_is_blank(line))
		return true;
	csv->records.cut = false;
	if (take_row(csv, dossier, line))
		return true;
	if (!memchr(line->text, csv->sign, line->length))
		return false;
	records_unread(&csv->records, line->number);
	csv->records.cut = true; /* if it was the last */
	return true;
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct csv *csv = opaque;

	if (!csv->continued && take_names(csv, dossier, context, line))
		return true;
	return csv->records.kind && take_within(csv, dossier, line);
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct csv *csv = opaque;

	csv->records.cut = csv->records.cut || csv->continued;
	records_end(&csv->records, dossier, is_last);
	free(csv->names);
	free(csv->held);
}

const struct text_format text_format_powershell_csv = {
	.name = "CSV",
	.names_parts = true,
	.state_size = sizeof(struct csv),
	.take = take,
	.end = end,
};
