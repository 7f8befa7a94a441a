#include "action/range_lines.h"

#include <string.h>

char *range_lines_begin(char *text)
{
	const size_t length = strlen(RANGE_HEADING "\n");

	return strncmp(text, RANGE_HEADING "\n", length) ? NULL : text + length;
}

char *range_lines_next(char **at, const char *key)
{
	size_t length = strlen(key);
	char *line = *at, *end = line ? strchr(line, '\n') : NULL;

	if (!end || strncmp(line, key, length) || line[length] != ' ')
		return NULL;
	*end = '\0';
	*at = end + 1;
	return line + length + 1;
}
