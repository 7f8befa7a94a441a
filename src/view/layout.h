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

/* Text that begins in column `indent` of a line already begun; ends the line. */
void layout_paragraph(const struct view_style *style, unsigned indent, const char *text);

/* A command to paste: broken only at spaces outside quotes, with a backslash, so that it can still be
 * pasted as it stands. */
void layout_command(const struct view_style *style, unsigned indent, const char *command);

/* One cell of a table: the text, filled up with spaces to `width` columns; never cut. */
void layout_cell(const struct view_style *style, const char *text, unsigned width, bool right);

/* Safe text where it stands, without wrapping. */
void layout_write(const struct view_style *style, const char *text);
