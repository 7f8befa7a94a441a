#pragma once

#include "source/artefact/windows/record.h"

#include <stdbool.h>

/*
 * The columns of a table that Format-Table or wmic has printed. Values begin where the column's name or its dashes begin, or
 * end where they end, so that a value and the dashes always have a place in common; a column may be empty. Where somebody
 * has squeezed the blanks out, only the order is left.
 */
enum { TABLE_COLUMNS_MOST = 64, TABLE_COLUMNS_TEXT = 4096 };

struct table_columns {
	size_t count;
	bool dashed; /* of the line with dashes, not of the names */
	struct column {
		struct span name;
		size_t from, to; /* bytes in the line */
	} items[TABLE_COLUMNS_MOST];
	char text[TABLE_COLUMNS_TEXT]; /* the line with the names */
	size_t length;
};

/* false: it is too long, or one word. */
bool table_columns_of_names(struct table_columns *columns, const struct line *line);

/* The line below. false: it has anything but dashes. */
bool table_columns_of_dashes(struct table_columns *columns, const struct line *line);

/*
 * A row, understood in one of some ways, which are tried in turn: [0] by place, [1] by order, [2] by order without a column
 * that is often empty. false: that way does not fit.
 */
enum { TABLE_COLUMNS_WAYS = 3 };
bool table_columns_split(const struct table_columns *columns, const struct line *line, int way,
			 struct record *record);

/* For records_kind_of(): names without values. */
void table_columns_record(const struct table_columns *columns, struct record *record);
