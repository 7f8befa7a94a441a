#include "source/artefact/text/text_format.h"

#include <string.h>

void text_context_remember(struct text_context *context, const struct line *line)
{
	struct span text = line_trimmed(line);
	size_t length = text.length < CONTEXT_LENGTH - 1 ? text.length : CONTEXT_LENGTH - 1;

	memmove(context->before[1], context->before[0],
		sizeof context->before - sizeof context->before[0]);
	for (size_t i = CONTEXT_LINES - 1; i; i--)
		context->numbers[i] = context->numbers[i - 1];
	memcpy(context->before[0], text.text, length);
	context->numbers[0] = line->number;
	context->before[0][length] = '\0';
}
