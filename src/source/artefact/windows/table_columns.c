#include "source/artefact/windows/table_columns.h"

#include <string.h>

bool table_columns_of_names(struct table_columns *columns, const struct line *line)
{
	struct span fields[TABLE_COLUMNS_MOST];
	struct line copy = { .text = columns->text, .length = line->length };

	*columns = (struct table_columns){ 0 };
	if (line->length > TABLE_COLUMNS_TEXT)
		return false;
	memcpy(columns->text, line->text, line->length);
	columns->length = line->length;
	columns->count = line_fields(&copy, fields, TABLE_COLUMNS_MOST);
	for (size_t i = 0; i < columns->count; i++)
		columns->items[i] = (struct column){
			.name = fields[i],
			.from = (size_t)(fields[i].text - columns->text),
			.to = (size_t)(fields[i].text - columns->text) + fields[i].length,
		};
	return columns->count > 1 && columns->count < TABLE_COLUMNS_MOST;
}

/* What of the line with the names stands above the dashes. */
static struct span name_above(const struct table_columns *columns, size_t from, size_t to)
{
	struct line part = { .text = columns->text + from };

	if (from >= columns->length)
		return (struct span){ columns->text, 0 };
	part.length = (to < columns->length ? to : columns->length) - from;
	return line_trimmed(&part);
}

bool table_columns_of_dashes(struct table_columns *columns, const struct line *line)
{
	struct span fields[TABLE_COLUMNS_MOST];
	size_t count = line_fields(line, fields, TABLE_COLUMNS_MOST);
	bool same = count == columns->count;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < fields[i].length; j++)
			if (fields[i].text[j] != '-')
				return false;
	if (!count || count == TABLE_COLUMNS_MOST)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct column *column = &columns->items[i];

		column->from = (size_t)(fields[i].text - line->text);
		column->to = column->from + fields[i].length;
		if (!same) /* a name of several words */
			column->name = name_above(columns, column->from, column->to);
	}
	columns->count = count;
	columns->dashed = true;
	return true;
}

/* ---- rows ---- */

static size_t end_of(const struct table_columns *columns, size_t i)
{
	if (columns->dashed || i + 1 == columns->count)
		return columns->items[i].to;
	return columns->items[i + 1].from;
}

/* A word that is below no column goes on what is left of it. */
static bool split_by_place(const struct table_columns *columns, const struct line *line,
			   const struct span *fields, size_t count, struct span *values)
{
	size_t column = 0;

	for (size_t i = 0; i < count; i++) {
		const size_t from = (size_t)(fields[i].text - line->text),
			     to = from + fields[i].length;
		size_t at = column;

		while (at < columns->count && end_of(columns, at) <= from)
			at++;
		if (at < columns->count && columns->items[at].from < to)
			column = at;
		else if (!i)
			return false;
		if (!values[column].text)
			values[column] = fields[i];
		else
			values[column].length =
				(size_t)(fields[i].text - values[column].text) +
				fields[i].length;
	}
	return true;
}

static bool split_by_order(const struct table_columns *columns, const struct span *fields,
			   size_t count, const char *without, struct span *values)
{
	size_t left_out = columns->count;

	for (size_t i = 0; without && i < columns->count; i++)
		if (span_is_like(columns->items[i].name, without))
			left_out = i;
	if (count + (left_out < columns->count) != columns->count ||
	    (without && left_out == columns->count))
		return false;
	for (size_t i = 0, from = 0; i < columns->count; i++)
		if (i != left_out)
			values[i] = fields[from++];
	return true;
}

bool table_columns_split(const struct table_columns *columns, const struct line *line, int way,
			 struct record *record)
{
	struct span fields[TABLE_COLUMNS_MOST], values[TABLE_COLUMNS_MOST] = { 0 };
	size_t count = line_fields(line, fields, TABLE_COLUMNS_MOST);
	bool fits = way == 0 ? split_by_place(columns, line, fields, count, values) :
			       split_by_order(columns, fields, count,
					      way == 2 ? "AppliedSetting" : NULL, values);

	record->count = 0;
	for (size_t i = 0; fits && i < columns->count; i++)
		record_add(record, columns->items[i].name, values[i]);
	return fits;
}

void table_columns_record(const struct table_columns *columns, struct record *record)
{
	const struct span nothing = { NULL, 0 };

	record->count = 0;
	for (size_t i = 0; i < columns->count; i++)
		record_add(record, columns->items[i].name, nothing);
}
