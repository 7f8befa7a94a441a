#include "source/artefact/dump/columns.h"

#include <string.h>

/* So many empty cells at the end of a line may have been lost, as editors take white space away. */
enum { STRIPPED_MOST = 2 };

static struct span trimmed(struct span cell)
{
	const struct line line = { .text = cell.text, .length = cell.length };

	return line_trimmed(&line);
}

/* From a quote to the next that is not doubled. */
static size_t quoted_length(const char *text, size_t length)
{
	size_t at = 1;

	while (at < length) {
		if (text[at] != '"')
			at++;
		else if (at + 1 < length && text[at + 1] == '"')
			at += 2;
		else
			return at + 1;
	}
	return length;
}

static size_t cell_length(const char *text, size_t length, char separator)
{
	size_t quoted =
		separator == ',' && length && *text == '"' ? quoted_length(text, length) : 0;
	const char *end = memchr(text + quoted, separator, length - quoted);

	return end ? (size_t)(end - text) : length;
}

static struct span unquoted(struct span cell)
{
	if (cell.length >= 2 && cell.text[0] == '"' && cell.text[cell.length - 1] == '"') {
		cell.text++;
		cell.length -= 2;
	}
	return cell;
}

/* How many there are; one more than `most` where there are more. */
static size_t split(const struct line *line, char separator, struct span *cells, size_t most)
{
	size_t at = 0, count = 0;

	for (;;) {
		size_t length = cell_length(line->text + at, line->length - at, separator);

		if (count == most)
			return most + 1;
		cells[count++] = unquoted(trimmed((struct span){ line->text + at, length }));
		at += length;
		if (at == line->length)
			return count;
		at++; /* the separator */
	}
}

static int8_t place_of(const struct span *cells, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(cells[i], name))
			return (int8_t)i;
	return -1;
}

static bool fits(struct columns *columns, const struct span *cells, size_t count,
		 const char *const *names, size_t needed)
{
	for (size_t i = 0; i < COLUMNS_MOST && names[i]; i++) {
		columns->place[i] = place_of(cells, count, names[i]);
		if (i < needed && columns->place[i] < 0)
			return false;
	}
	return true;
}

bool columns_find(struct columns *columns, const struct line *line, const char *const *names,
		  size_t needed)
{
	static const char separators[] = "\t,|";
	struct span cells[COLUMNS_MOST];

	if (line->length > 512)
		return false;
	for (const char *separator = separators; *separator; separator++) {
		size_t count = split(line, *separator, cells, COLUMNS_MOST);

		if (count < needed || count > COLUMNS_MOST ||
		    !fits(columns, cells, count, names, needed))
			continue;
		columns->separator = *separator;
		columns->count = (uint8_t)count;
		return true;
	}
	columns->separator = 0;
	return false;
}

bool columns_split(const struct columns *columns, const struct line *line, struct span *cells,
		   size_t wanted)
{
	struct span all[COLUMNS_MOST];
	size_t count = split(line, columns->separator, all, COLUMNS_MOST);

	if (count > columns->count || count + STRIPPED_MOST < columns->count)
		return false;
	for (size_t i = 0; i < wanted; i++) {
		size_t place = columns->place[i] < 0 ? count : (size_t)columns->place[i];

		cells[i] = place < count ? all[place] : (struct span){ "", 0 };
	}
	return true;
}
