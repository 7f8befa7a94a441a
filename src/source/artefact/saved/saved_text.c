#include "source/artefact/saved/saved_text.h"

#include "base/arena.h"
#include "source/artefact/text/line.h"

#include <stdlib.h>
#include <string.h>

/* One code unit of two bytes becomes at most three. */
static void convert(struct saved_text *text, struct lines *lines)
{
	struct span piece;

	text->converted = memory_resize(NULL, lines->size / 2 * 3 + 1, 1);
	text->text = text->converted;
	text->size = 0;
	while (lines_piece(lines, &piece)) {
		memcpy(text->converted + text->size, piece.text, piece.length);
		text->size += piece.length;
	}
}

void saved_text_make(struct saved_text *text, const char *bytes, size_t size)
{
	struct lines lines;

	lines_begin(&lines, (const uint8_t *)bytes, size);
	*text = (struct saved_text){ .text = bytes + lines.at, .size = size - lines.at };
	if (lines.encoding != ENCODING_BYTES)
		convert(text, &lines);
	lines_end(&lines);
}

void saved_text_free(struct saved_text *text)
{
	free(text->converted);
	*text = (struct saved_text){ NULL };
}
