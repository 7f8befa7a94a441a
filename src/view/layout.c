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

/* Lists have millions of cells, and nearly all are plain: such runs are written in one piece. */
static size_t plain_length(const char *text, const char *end)
{
	const char *at = text;

	while (at < end && *at >= ' ' && *at <= '~')
		at++;
	return (size_t)(at - text);
}

static void write_part(const struct view_style *style, const char *text, const char *end)
{
	while (text < end) {
		size_t plain = plain_length(text, end);
		struct glyph glyph;

		fwrite(text, 1, plain, style->out);
		text += plain;
		if (text == end)
			break;
		glyph = glyph_at(style, text);
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
		size_t plain = plain_length(text, end);
		struct glyph glyph;

		columns += (unsigned)plain;
		text += plain;
		if (text == end)
			break;
		glyph = glyph_at(style, text);
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
	static const char spaces[] = "                                ";
	enum { PIECE = sizeof spaces - 1 };

	for (; count > PIECE; count -= PIECE)
		fwrite(spaces, 1, PIECE, style->out);
	fwrite(spaces, 1, count, style->out);
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

/* Beside an indent, text needs some room; where there is none, it stands below instead. */
static unsigned fitting_indent(const struct view_style *style, unsigned indent)
{
	enum { LEAST = 16, NARROW = 4 };

	if (!style->width || indent + LEAST <= style->width)
		return indent;
	return style->width >= NARROW + LEAST ? NARROW : 0;
}

static unsigned text_columns(const struct view_style *style, unsigned indent)
{
	if (!style->width)
		return UINT32_MAX;
	return style->width > indent + 1 ? style->width - indent : 2;
}

static void begin_line(const struct view_style *style, unsigned indent)
{
	fputc('\n', style->out);
	write_spaces(style, indent);
}

/* Without the spaces at its end, which a line must not have. */
static const char *without_spaces(const char *text, const char *end)
{
	while (end > text && end[-1] == ' ')
		end--;
	return end;
}

/* Writes the text from column `indent` on, where the line stands, and every further line indented
 * so; returns the columns of the last line. */
static unsigned write_wrapped(const struct view_style *style, unsigned indent,
			      const char *text)
{
	unsigned columns = text_columns(style, indent);

	for (;;) {
		const char *next = line_end(style, text, columns);
		const char *end = without_spaces(text, next);

		write_part(style, text, end);
		next += strspn(next, " ");
		if (!*next)
			return indent + columns_of(style, text, end);
		text = next;
		begin_line(style, indent);
	}
}

void layout_paragraph(const struct view_style *style, unsigned at, unsigned indent,
		      const char *text)
{
	indent = fitting_indent(style, indent);
	if (at > indent)
		begin_line(style, indent);
	else
		write_spaces(style, indent - at);
	write_wrapped(style, indent, text);
	fputc('\n', style->out);
}

/* The label, and what is needed to be in column `indent` after it. */
static void write_label(const struct view_style *style, const char *label, unsigned indent,
			bool text_follows)
{
	const char *end = without_spaces(label, label + strlen(label));
	unsigned columns = columns_of(style, label, end);

	/* A label that leaves no room, such as a long translation, has the line to itself. */
	if (columns && columns >= indent) {
		write_wrapped(style, 0, label);
		if (text_follows)
			begin_line(style, indent);
		return;
	}
	write_part(style, label, end);
	if (text_follows)
		write_spaces(style, indent - columns);
}

/* At the right edge, below the text if it does not fit beside. */
static void write_tail(const struct view_style *style, unsigned indent, unsigned columns,
		       const char *tail)
{
	enum { GAP = 2 };
	unsigned tail_columns = columns_in(style, tail);

	if (!style->width)
		write_spaces(style, GAP);
	else if (columns + GAP + tail_columns <= style->width)
		write_spaces(style, style->width - tail_columns - columns);
	else if (tail_columns <= text_columns(style, indent))
		begin_line(style, style->width - tail_columns);
	else
		begin_line(style, indent);
	write_wrapped(style, indent, tail);
}

void layout_item(const struct view_style *style, const char *label, unsigned indent,
		 const char *text, const char *tail)
{
	unsigned columns;

	indent = fitting_indent(style, indent);
	write_label(style, label, indent, *text != '\0');
	columns = write_wrapped(style, indent, text);
	if (tail && *tail)
		write_tail(style, indent, columns, tail);
	fputc('\n', style->out);
}

void layout_cut(const struct view_style *style, unsigned indent, const char *text)
{
	enum { WIDE = 120, DOTS = 3 };
	struct view_style wide = *style;
	unsigned columns, used = 0;

	if (!wide.width)
		wide.width = WIDE;
	indent = fitting_indent(&wide, indent);
	columns = text_columns(&wide, indent);
	write_spaces(style, indent);
	if (columns_in(style, text) <= columns) {
		layout_write(style, text);
	} else {
		const char *end = text;

		for (;;) {
			struct glyph glyph = glyph_at(style, end);

			if (used + glyph.columns + DOTS > columns)
				break;
			used += glyph.columns;
			end += glyph.length;
		}
		write_part(style, text, without_spaces(text, end));
		fputs(columns > DOTS ? "..." : "", style->out);
	}
	fputc('\n', style->out);
}

/*
 * A piece of a command that fits on a line. It ends at a space outside quotes if it can; a word that
 * is longer than a line is broken within, which the shell puts together again as long as nothing
 * stands before the rest. Quotes are closed and opened again, since backslash and newline are no
 * more than that inside single ones.
 */
struct command_piece {
	const char *end, *next;
	char quote;  /* the one that is open at the end; 0: none */
	bool within; /* a word is broken */
};

static struct command_piece command_piece(const struct view_style *style, const char *text,
					  char quote, unsigned columns)
{
	struct command_piece piece = { .within = true, .quote = quote };
	unsigned used = quote != 0;
	bool escaped = false;

	for (const char *at = text; *at;) {
		struct glyph glyph = glyph_at(style, at);

		if (used > columns && piece.next)
			return piece;
		if (!quote && !escaped && *at == ' ' && at > text)
			piece = (struct command_piece){ at, at + 1, 0, false };
		else if (!escaped && at > text && piece.within)
			piece = (struct command_piece){ at, at, quote, true };
		if (!escaped && (quote ? *at == quote : *at == '\'' || *at == '"'))
			quote = quote ? 0 : *at;
		escaped = !escaped && *at == '\\' && quote != '\'';
		used += glyph.columns;
		at += glyph.length;
	}
	return (struct command_piece){ text + strlen(text), NULL, 0, false };
}

static void write_quote(const struct view_style *style, char quote)
{
	if (quote)
		fputc(quote, style->out);
}

void layout_command(const struct view_style *style, unsigned indent, const char *command)
{
	enum { CONTINUED = 2 }; /* " \", or a quote and "\" */
	char quote = 0;

	indent = fitting_indent(style, indent);
	while (true) {
		unsigned columns = text_columns(style, indent);
		struct command_piece piece = { .end = command + strlen(command) };

		if (columns_in(style, command) + (quote != 0) > columns)
			piece = command_piece(style, command, quote, columns - CONTINUED);
		if (piece.within && indent) {
			indent = 0; /* perhaps the word fits there */
			continue;
		}
		write_spaces(style, indent);
		write_quote(style, quote);
		write_part(style, command, piece.end);
		if (!piece.next)
			break;
		write_quote(style, piece.quote);
		fputs(piece.within ? "\\\n" : " \\\n", style->out);
		command = piece.next;
		quote = piece.quote;
		indent = piece.within ? 0 : indent;
	}
	fputc('\n', style->out);
}

/* A row while it is written. */
struct row {
	const struct view_style *style;
	unsigned indent; /* of the lines that follow the first */
	unsigned at;	 /* where the line stands; 0: nothing is in it yet */
	unsigned moved; /* how far to the left its columns begin, against a line without end */
};

/* `planned` is where the column begins in a line without end. */
static void write_cell(struct row *row, const struct layout_column *column, unsigned gap,
		       unsigned planned, const char *cell)
{
	const struct view_style *style = row->style;
	unsigned used = columns_in(style, cell);
	unsigned fill = column->right && used < column->width ? column->width - used : 0;
	unsigned begin = (planned > row->moved ? planned - row->moved : 0) + fill;

	if (row->at && begin < row->at + gap)
		begin = row->at + gap;
	if (style->width && row->at && begin + used > style->width) {
		fputc('\n', style->out);
		row->moved = planned > row->indent ? planned - row->indent : 0;
		row->at = 0;
		begin = row->indent + (row->indent + fill + used <= style->width ? fill : 0);
	}
	write_spaces(style, begin - row->at);
	if (style->width && begin + used > style->width) {
		row->at = write_wrapped(style, begin, cell);
	} else {
		layout_write(style, cell);
		row->at = begin + used;
	}
}

void layout_row(const struct view_style *style, const struct layout_column *columns,
		const char *const *cells, size_t count)
{
	enum { ROOMY = 60 };
	struct row row = { .style = style, .indent = style->width >= ROOMY ? 6 : 2 };
	unsigned planned = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned gap = i ? columns[i].gap + 1 : 0;

		planned += gap;
		if (cells[i] && *cells[i])
			write_cell(&row, &columns[i], gap, planned, cells[i]);
		planned += columns[i].width;
	}
	fputc('\n', style->out);
}
