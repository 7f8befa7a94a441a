#include "view/layout.h"

#include "base/text.h"
#include "view/view.h"

#include <string.h>

/*
 * Lines break at spaces, and between East Asian characters, which are written without any; there not
 * before closing and not after opening punctuation (a short form of UAX #14, classes CL, EX, NS and
 * OP). What fits nowhere, such as a long path, is broken where the line ends.
 */

static bool is_one_of(const char *text, size_t length, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == length && !memcmp(text, *list, length))
			return true;
	return false;
}

static bool may_not_begin(const char *text, size_t length)
{
	static const char *const closing[] = {
		"、", "。", "，", "；", "：", "！", "？", "）",
		"】", "」", "』", "》", "”",  "’",  "％", NULL
	};

	return is_one_of(text, length, closing);
}

static bool may_not_end(const char *text, size_t length)
{
	static const char *const opening[] = { "（", "【", "「", "『", "《", "“", "‘", NULL };

	return is_one_of(text, length, opening);
}

/* One character as it will be written: a byte that is none counts as the '?' that stands for it. */
struct glyph {
	size_t length;
	unsigned columns;
	bool wide;
};

static struct glyph glyph_at(const struct view_style *style, const char *text)
{
	struct glyph glyph = { .length = text_utf8_length(text), .columns = 1 };

	if (!glyph.length)
		glyph.length = 1;
	else if (!style->ascii && !text_steers_terminal(text, glyph.length))
		glyph.columns = text_glyph_width(text, glyph.length);
	glyph.wide = glyph.columns == 2;
	return glyph;
}

static void write_glyph(const struct view_style *style, const char *text, size_t length)
{
	bool shown = text_utf8_length(text) == length && !text_steers_terminal(text, length) &&
		     !(style->ascii && length > 1);

	if (shown)
		fwrite(text, 1, length, style->out);
	else
		fputc('?', style->out);
}

static void write_part(const struct view_style *style, const char *text, const char *end)
{
	while (text < end) {
		struct glyph glyph = glyph_at(style, text);

		write_glyph(style, text, glyph.length);
		text += glyph.length;
	}
}

void layout_write(const struct view_style *style, const char *text)
{
	write_part(style, text, text + strlen(text));
}

static unsigned columns_of(const struct view_style *style, const char *text, const char *end)
{
	unsigned columns = 0;

	while (text < end) {
		struct glyph glyph = glyph_at(style, text);

		columns += glyph.columns;
		text += glyph.length;
	}
	return columns;
}

static unsigned columns_in(const struct view_style *style, const char *text)
{
	return columns_of(style, text, text + strlen(text));
}

static void write_spaces(const struct view_style *style, unsigned count)
{
	fprintf(style->out, "%*s", (int)count, "");
}

/* Whether a line may end before `next`, whose predecessor is `last`. */
static bool can_break(const struct glyph *last, const char *last_text,
		      const struct glyph *next, const char *next_text)
{
	return (last->wide || next->wide) && !may_not_begin(next_text, next->length) &&
	       !may_not_end(last_text, last->length);
}

/* The end of the longest piece of `text` that fits in `columns`; at least one character. */
static const char *line_end(const struct view_style *style, const char *text, unsigned columns)
{
	const char *at = text, *good = NULL, *last_text = NULL;
	struct glyph last = { 0 };
	unsigned used = 0;

	while (*at) {
		struct glyph glyph = glyph_at(style, at);

		if (*at == ' ')
			good = at;
		else if (last_text && *last_text != ' ' &&
			 can_break(&last, last_text, &glyph, at))
			good = at;
		if (used + glyph.columns > columns && at > text)
			return good && good > text ? good : at;
		used += glyph.columns;
		last = glyph;
		last_text = at;
		at += glyph.length;
	}
	return at;
}

/* How much room text has beside an indent; a terminal too narrow for that gets some anyway. */
static unsigned text_columns(const struct view_style *style, unsigned indent)
{
	enum { LEAST = 16 };

	if (!style->width)
		return UINT32_MAX;
	return style->width > indent + LEAST ? style->width - indent : LEAST;
}

/* Writes the text, every line but the first indented; returns the columns of the last line. */
static unsigned write_wrapped(const struct view_style *style, unsigned indent,
			      const char *text)
{
	unsigned columns = text_columns(style, indent);

	for (;;) {
		const char *end = line_end(style, text, columns);

		write_part(style, text, end);
		if (!*end)
			return indent + columns_of(style, text, end);
		text = end + strspn(end, " ");
		fputc('\n', style->out);
		write_spaces(style, indent);
	}
}

void layout_paragraph(const struct view_style *style, unsigned indent, const char *text)
{
	write_wrapped(style, indent, text);
	fputc('\n', style->out);
}

void layout_item(const struct view_style *style, const char *label, unsigned indent,
		 const char *text, const char *tail)
{
	enum { GAP = 2 };
	unsigned columns = columns_in(style, label), tail_columns;

	layout_write(style, label);
	/* A label that leaves no room, such as a long translation, has the line to itself. */
	if (columns < indent)
		write_spaces(style, indent - columns);
	else if (columns) {
		fputc('\n', style->out);
		write_spaces(style, indent);
	}
	columns = write_wrapped(style, indent, text);
	if (tail && *tail) {
		tail_columns = columns_in(style, tail);
		if (!style->width) {
			write_spaces(style, GAP);
		} else if (columns + GAP + tail_columns <= style->width) {
			write_spaces(style, style->width - tail_columns - columns);
		} else {
			fputc('\n', style->out);
			if (tail_columns < style->width)
				write_spaces(style, style->width - tail_columns);
		}
		layout_write(style, tail);
	}
	fputc('\n', style->out);
}

/* The last space outside quotes that ends a piece of at most `columns`; NULL: none. */
static const char *command_end(const struct view_style *style, const char *text,
			       unsigned columns)
{
	const char *good = NULL;
	unsigned used = 0;
	char quote = 0;

	for (const char *at = text; *at;) {
		struct glyph glyph = glyph_at(style, at);

		if (quote ? *at == quote : *at == '\'' || *at == '"')
			quote = quote ? 0 : *at;
		if (*at == ' ' && !quote && used <= columns)
			good = at;
		used += glyph.columns;
		if (used > columns && good)
			return good;
		at += glyph.length;
	}
	return used > columns ? good : NULL;
}

void layout_command(const struct view_style *style, unsigned indent, const char *command)
{
	enum { CONTINUED = 2 }; /* " \" */
	unsigned columns = text_columns(style, indent);

	for (;;) {
		const char *end = columns_in(style, command) <= columns ?
					  NULL :
					  command_end(style, command, columns - CONTINUED);

		write_spaces(style, indent);
		if (!end)
			break;
		write_part(style, command, end);
		fputs(" \\\n", style->out);
		command = end + 1;
	}
	layout_write(style, command);
	fputc('\n', style->out);
}

void layout_cell(const struct view_style *style, const char *text, unsigned width, bool right)
{
	unsigned columns = columns_in(style, text);
	unsigned fill = columns < width ? width - columns : 0;

	if (right)
		write_spaces(style, fill);
	layout_write(style, text);
	if (!right)
		write_spaces(style, fill);
}
