#include "base/arena.h"
#include "base/text.h"
#include "view/explain.h"
#include "view/layout.h"
#include "view/view.h"

#include <stdbool.h>
#include <string.h>

enum { CELLS = 6 }; /* of a table, at most */

/*
 * The Markdown that the pages use, for a terminal: `# heading`, `**heading**`, paragraphs, items that
 * begin with `* ` or `1. `, lines of an item that are nothing but a `command`, indented commands, and
 * tables. Lines that belong together are joined and broken anew for the width of the terminal.
 */
struct page {
	const struct view_style *style;
	struct arena arena;
	const char *label; /* of the item: "* ", "12. ", "" */
	const char *text;  /* of the block so far; NULL: none */
	unsigned indent;
	bool in_table;
	struct layout_column columns[CELLS]; /* of the table */
};

/* Length of the mark that begins an item, with the blank behind it; 0: it is none. */
static size_t item_mark(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	if (!strncmp(line, "* ", 2))
		return 2;
	return digits && !strncmp(line + digits, ". ", 2) ? digits + 2 : 0;
}

/* Without backticks and the asterisks of emphasis, which are for the eye of a browser. */
static char *plain(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_copy_length(arena, text, length), *to = copy;
	bool code = false;

	for (const char *from = copy; *from; from++) {
		if (*from == '`')
			code = !code;
		else if (code || *from != '*')
			*to++ = *from;
	}
	*to = '\0';
	return copy;
}

static void end_block(struct page *page)
{
	if (page->text)
		layout_item(page->style, page->label, page->indent, page->text, NULL);
	page->text = NULL;
}

/* East Asian lines are joined without a blank. */
static bool is_wide_seam(const char *before, const char *after)
{
	size_t length = strlen(before);

	return length && (before[length - 1] & 0x80) && (*after & 0x80);
}

static void add_text(struct page *page, const char *text)
{
	if (!page->text)
		page->text = text;
	else
		page->text = arena_print(&page->arena, "%s%s%s", page->text,
					 is_wide_seam(page->text, text) ? "" : " ", text);
}

static bool is_command(const char *line, size_t length)
{
	return length > 2 && line[0] == '`' && line[length - 1] == '`' &&
	       !memchr(line + 1, '`', length - 2);
}

static bool is_heading(const char *line, size_t length)
{
	return *line == '#' ||
	       (length > 4 && !strncmp(line, "**", 2) && !strncmp(line + length - 2, "**", 2));
}

static void begin_item(struct page *page, const char *line, size_t mark)
{
	end_block(page);
	page->label = arena_print(&page->arena, "  %.*s", (int)mark - 1, line);
	page->indent = (unsigned)mark + 2;
}

/* The cells of a row of a table, "| a | b |"; returns how many there are. */
static size_t split_row(struct arena *arena, const char *line, size_t length,
			const char *cells[CELLS])
{
	const char *end = line + length;
	size_t count = 0;

	for (line++; line < end && count < CELLS; count++) {
		const char *bar = memchr(line, '|', (size_t)(end - line));
		const char *last = bar ? bar : end;

		while (line < last && *line == ' ')
			line++;
		while (last > line && last[-1] == ' ')
			last--;
		cells[count] = plain(arena, line, (size_t)(last - line));
		line = bar ? bar + 1 : end;
	}
	return count;
}

/* Every row is as wide as the widest of its table, of which `line` is the first. */
static void measure_table(struct page *page, const char *line)
{
	const char *cells[CELLS];

	memset(page->columns, 0, sizeof page->columns);
	while (*line == '|') {
		size_t length = strcspn(line, "\n");
		size_t count = split_row(&page->arena, line, length, cells);

		for (size_t i = 0; i < count && line[1] != '-'; i++) {
			unsigned width = text_width(cells[i]);

			page->columns[i].gap = 1;
			if (width > page->columns[i].width)
				page->columns[i].width = width;
		}
		line += length + (line[length] == '\n');
	}
}

static void take_row(struct page *page, const char *line, size_t length)
{
	const char *cells[CELLS];
	size_t count;

	if (!page->in_table) {
		end_block(page);
		measure_table(page, line);
		page->in_table = true;
	}
	if (line[1] == '-')
		return; /* between the head and the body */
	count = split_row(&page->arena, line, length, cells);
	layout_row(page->style, page->columns, cells, count);
}

static void end_paragraph(struct page *page)
{
	end_block(page);
	page->label = "";
	page->indent = 0;
	fputc('\n', page->style->out);
}

static void take_line(struct page *page, const char *line, size_t length)
{
	enum { CODE = 6, OUTSIDE = 2 };
	size_t blanks = strspn(line, " "), mark;

	if (blanks >= length) {
		end_paragraph(page);
		return;
	}
	line += blanks;
	length -= blanks;
	mark = blanks ? 0 : item_mark(line);
	if (is_heading(line, length)) {
		size_t signs = strspn(line, "# ");

		end_block(page);
		layout_item(page->style, "", 0,
			    plain(&page->arena, line + signs, length - signs), NULL);
		return;
	}
	/* What stands below an item is indented with it. */
	if (!page->text && blanks)
		page->indent = (unsigned)(blanks < CODE ? blanks : CODE - 3) + OUTSIDE;
	if (mark)
		begin_item(page, line, mark);
	if (!page->text && blanks >= CODE) {
		layout_command(page->style, page->indent,
			       arena_copy_length(&page->arena, line, length));
		return;
	}
	if (!mark && is_command(line, length)) {
		end_block(page);
		layout_command(page->style, page->indent, plain(&page->arena, line, length));
		page->label = "";
		return;
	}
	add_text(page, plain(&page->arena, line + mark, length - mark));
}

void explain_page(const char *text, const struct view_style *style)
{
	struct page page = { .style = style, .label = "" };

	while (*text) {
		size_t length = strcspn(text, "\n");

		if (*text == '|')
			take_row(&page, text, length);
		else
			take_line(&page, text, length);
		page.in_table = *text == '|';
		text += length + (text[length] == '\n');
	}
	end_block(&page);
	arena_free(&page.arena);
}
