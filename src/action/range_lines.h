#pragma once

/*
 * The text of a record of a change: a heading, and lines of "key value" in one order, ended by "end".
 */
#define RANGE_HEADING "portroom range 1"

/* The first line behind the heading; NULL: the text begins with something else. */
char *range_lines_begin(char *text);

/* The value of the next line, if it has that key: its line break is overwritten, and `at` is behind it. Else NULL. */
char *range_lines_next(char **at, const char *key);
