#include "source/artefact/windows/fields.h"

#include <string.h>

/* Where the quotes end that begin at `at`, which is behind the first one; the length: nowhere. */
static size_t find_quote(const struct line *line, size_t at)
{
	while (at < line->length) {
		if (line->text[at] != '"')
			at++;
		else if (at + 1 < line->length && line->text[at + 1] == '"')
			at += 2;
		else
			break;
	}
	return at < line->length ? at : line->length;
}

char fields_sign(const struct line *line)
{
	size_t at = 0;

	if (line->length && line->text[0] == '"')
		at = find_quote(line, 1);
	for (; at < line->length; at++)
		if (line->text[at] == ',' || line->text[at] == ';' || line->text[at] == '\t')
			return line->text[at];
	return '\0';
}

static void add(struct fields *fields, const struct line *line, size_t from, size_t to)
{
	if (fields->count < FIELDS_MOST)
		fields->items[fields->count++] = (struct span){ line->text + from, to - from };
}

bool fields_split(struct fields *fields, const struct line *line, char sign)
{
	size_t at = 0;

	fields->count = 0;
	fields->open = false;
	fields->quoted = true;
	for (;;) {
		const size_t from = at;

		if (at < line->length && line->text[at] == '"') {
			at = find_quote(line, at + 1);
			add(fields, line, from + 1, at);
			if (at == line->length) {
				fields->open = true;
				return true;
			}
			at++;
		} else {
			const char *end = at < line->length ? memchr(line->text + at, sign,
								     line->length - at) :
							      NULL;

			at = end ? (size_t)(end - line->text) : line->length;
			add(fields, line, from, at);
			fields->quoted = false;
		}
		if (at == line->length)
			return true;
		if (line->text[at++] != sign)
			return false;
	}
}

bool fields_closes(const struct line *line)
{
	return find_quote(line, 0) < line->length;
}
