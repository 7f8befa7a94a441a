#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct view_style;

/*
 * Text laid out for a terminal: no line is wider than style->width columns (0: no limit, as in a
 * file or a pipe), East Asian characters counted as two. Text may come from elsewhere (process
 * names, paths): it is written as text_write_safe() writes it, and where the terminal knows no UTF-8
 * (style->ascii) what is not ASCII becomes '?'.
 */

/* One item: the label, filled up with spaces to `indent` columns, then the text, which goes on below
 * itself. `tail` (may be NULL) stands at the right edge of the last line, or on one of its own. */
void layout_item(const struct view_style *style, const char *label, unsigned indent,
		 const char *text, const char *tail);

/* The same on one line, cut where it ends ("..."); in a pipe after so many columns as a wide terminal
 * has. For what would fill the screen and whose beginning tells enough. */
void layout_cut(const struct view_style *style, unsigned indent, const char *text);

/* The same where the label is already written, in colour, and the line stands at column `at`. */
void layout_paragraph(const struct view_style *style, unsigned at, unsigned indent,
		      const char *text);

/* A command to paste: broken at spaces outside quotes, with a backslash, so that it can still be
 * pasted as it stands. A word that is longer than a line is broken within, at the line's begin. */
void layout_command(const struct view_style *style, unsigned indent, const char *command);

/* A column of a table that is written row by row, before the width of what comes is known. */
struct layout_column {
	unsigned width; /* columns its cells usually need */
	unsigned gap;	/* spaces before it, besides one */
	bool right;	/* numbers stand at the right */
};

/*
 * One row. A cell that is wider than its column moves the next ones; cells that do not fit in the
 * line go on in an indented one below; nothing is cut. Cells that are NULL or empty are left out.
 * Without a limit of width a row is always one line.
 */
void layout_row(const struct view_style *style, const struct layout_column *columns,
		const char *const *cells, size_t count);

/* Safe text where it stands, without wrapping. */
void layout_write(const struct view_style *style, const char *text);
