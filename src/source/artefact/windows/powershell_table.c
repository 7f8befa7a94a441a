#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/table_columns.h"
#include "source/artefact/windows/records.h"

#include <stdlib.h>
#include <string.h>

/*
 * Format-Table, and the tables of wmic, which have no dashes:
 *
 *     LocalAddress        LocalPort RemoteAddress       RemotePort State       AppliedSetting OwningProcess
 *     ------------        --------- -------------       ---------- -----       -------------- -------------
 *     ::                  22        ::                  0          Listen                     1444
 *
 * Names of properties are in English everywhere. Rows of connections are known without the line of names, too.
 */
struct table {
	struct records records;
	struct table_columns *columns;
	bool behind_blank; /* the table should be over */
	bool nameless;	   /* the line of names is missing */
};

static const char connection_names[] =
	"LocalAddress LocalPort RemoteAddress RemotePort State AppliedSetting OwningProcess";

/* ---- the first line ---- */

/* Every kind of object has one of these in the name of a property. */
static bool has_key(struct span text)
{
	static const char *const keys[] = { "Port",  "Id",   "ID",    "Count",
					    "Delay", "Host", "Build", "Version" };

	for (size_t i = 0; i < text.length; i++)
		for (size_t j = 0; j < sizeof keys / sizeof keys[0]; j++)
			if (text.text[i] == keys[j][0] && text.length - i >= strlen(keys[j]) &&
			    !memcmp(text.text + i, keys[j], strlen(keys[j])))
				return true;
	return false;
}

/* What has a digit at its beginning or is a sentence is no line of names. Most lines end here. */
static bool may_be_names(const struct line *line)
{
	struct span text = line_trimmed(line);

	if (!text.length || text.length > TABLE_COLUMNS_TEXT || text.text[0] < 'A' ||
	    text.text[0] > 'z')
		return false;
	for (size_t i = 0; i < text.length; i++)
		if ((uint8_t)text.text[i] < ' ' || (uint8_t)text.text[i] > 'z' ||
		    strchr(",;:=.<>\"'\\/", text.text[i]))
			return false;
	return has_key(text);
}

static bool begin(struct table *table, struct dossier *dossier, const struct prompt *prompt,
		  const struct table_columns *columns)
{
	const struct record_kind *kind;
	struct record names;

	table_columns_record(columns, &names);
	kind = records_kind_of(&names, prompt);
	if (!kind)
		return false;
	records_begin(&table->records, dossier, kind, prompt, &names);
	if (!table->columns)
		table->columns = memory_zeroed(1, sizeof *table->columns);
	/* Names point into the text that goes with them. */
	*table->columns = *columns;
	for (size_t i = 0; i < columns->count; i++)
		table->columns->items[i].name.text =
			table->columns->text + (columns->items[i].name.text - columns->text);
	table->behind_blank = false;
	return true;
}

static bool take_names(struct table *table, struct dossier *dossier,
		       const struct text_context *context, const struct line *line)
{
	struct table_columns columns;
	struct prompt prompt;

	if (!may_be_names(line) || !table_columns_of_names(&columns, line))
		return false;
	prompt_find(&prompt, context);
	table->nameless = false;
	return begin(table, dossier, &prompt, &columns);
}

/* ---- rows ---- */

static bool take_row(struct table *table, struct dossier *dossier, const struct line *line)
{
	struct record record;

	for (int way = table->nameless; way < TABLE_COLUMNS_WAYS; way++)
		if (table_columns_split(table->columns, line, way, &record) &&
		    records_take(&table->records, dossier, &record))
			return true;
	return false;
}

/* The columns AppliedSetting and OwningProcess may both be missing in what has no names. */
static bool take_short_row(struct table *table, struct dossier *dossier,
			   const struct line *line)
{
	const size_t count = table->columns->count;
	bool taken = false;

	if (table->nameless && count > 5) {
		table->columns->count = 5;
		taken = take_row(table, dossier, line);
		table->columns->count = count;
	}
	return taken;
}

/* A value that goes on in the next line, where Format-Table has broken it. */
static bool is_continued(const struct table *table, const struct line *line)
{
	size_t blanks = 0;

	while (blanks < line->length && line->text[blanks] == ' ')
		blanks++;
	return table->columns->count > 1 && blanks >= table->columns->items[1].to;
}

static bool is_prompt(const struct line *line)
{
	return line_begins(line, "PS ") || memchr(line->text, '>', line->length);
}

static bool take_within(struct table *table, struct dossier *dossier, const struct line *line)
{
	if (line_is_blank(line)) {
		table->behind_blank = table->records.taken > 0;
		return true;
	}
	if (!table->records.taken && !table->nameless &&
	    table_columns_of_dashes(table->columns, line))
		return true;
	/* Blank lines follow a table: where the file ends within a row, there was more. */
	table->records.cut = line->unended;
	if (take_row(table, dossier, line) || take_short_row(table, dossier, line))
		return true;
	if (table->behind_blank || is_prompt(line))
		return false;
	if (is_continued(table, line))
		return true;
	records_unread(&table->records, line->number);
	table->records.cut = true; /* if it was the last */
	return true;
}

/* Address, port, address, port, state: nothing else looks like it. */
static bool take_nameless(struct table *table, struct dossier *dossier,
			  const struct text_context *context, const struct line *line)
{
	const struct line names = { .text = connection_names,
				    .length = sizeof connection_names - 1 };
	struct span fields[8];
	struct address address;
	enum socket_state state;
	struct table_columns columns;
	struct prompt prompt;
	uint64_t number;

	if (line_fields(line, fields, 8) < 5 || !span_address(fields[0], &address) ||
	    !span_number(fields[1], 65535, &number) || !span_address(fields[2], &address) ||
	    !span_number(fields[3], 65535, &number) || !prompt_state(fields[4], &state) ||
	    span_number(fields[4], 255, &number))
		return false;
	table_columns_of_names(&columns, &names);
	prompt_find(&prompt, context);
	prompt.filtered = true; /* who has left out one line may have left out more */
	table->nameless = true;
	return begin(table, dossier, &prompt, &columns);
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct table *table = opaque;

	if (take_names(table, dossier, context, line))
		return true;
	if (table->records.kind)
		return take_within(table, dossier, line);
	if (!take_nameless(table, dossier, context, line))
		return false;
	/* It has begun, with memory of its own, and is not given up any more. */
	if (!take_within(table, dossier, line))
		records_unread(&table->records, line->number);
	return true;
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct table *table = opaque;

	records_end(&table->records, dossier, is_last);
	free(table->columns);
}

const struct text_format text_format_powershell_table = {
	.name = "PowerShell table",
	.names_parts = true,
	.state_size = sizeof(struct table),
	.take = take,
	.end = end,
};
