#include "base/arena.h"
#include "base/text.h"
#include "view/explain.h"
#include "view/layout.h"
#include "view/view.h"

#include <stdbool.h>
#include <string.h>

/*
 * The Markdown that the pages use, for a terminal: `# heading`, `**heading**`, paragraphs, items that
 * begin with `* ` or `1. `, and lines of an item that are nothing but a `command`. Lines that belong
 * together are joined and broken anew for the width of the terminal.
 */
struct page {
	const struct view_style *style;
	struct arena arena;
	const char *label; /* of the item: "* ", "12. ", "" */
	const char *text;  /* of the block so far; NULL: none */
	unsigned indent;
};

/* Length of the mark that begins an item, with the blank behind it; 0: it is none. */
static size_t item_mark(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	if (!strncmp(line, "* ", 2))
		return 2;
	return digits && !strncmp(line + digits, ". ", 2) ? digits + 2 : 0;
}

/* Without `**` and backticks, which are for the eye of a browser. */
static char *plain(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_copy_length(arena, text, length), *to = copy;

	for (const char *from = copy; *from; from++) {
		if (from[0] == '*' && from[1] == '*')
			from++;
		else if (*from != '`')
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

static void take_line(struct page *page, const char *line, size_t length)
{
	size_t blanks = strspn(line, " "), mark;

	if (blanks >= length) {
		end_block(page);
		page->label = "";
		page->indent = 0;
		fputc('\n', page->style->out);
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
	if (mark)
		begin_item(page, line, mark);
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

		take_line(&page, text, length);
		text += length + (text[length] == '\n');
	}
	end_block(&page);
	arena_free(&page.arena);
}
