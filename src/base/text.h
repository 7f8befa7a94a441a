#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Small work with text. Nothing here depends on the locale: numbers that people read are grouped
 * by commas, numbers that programs read are not.
 */

/* A whole decimal number up to `max` and nothing else (no sign, no space): false if it is not. */
bool text_to_number(const char *text, uint64_t max, uint64_t *number);

/* A whole number with its unit, "500ms", "5s", "2m" or "1h", in milliseconds up to `max`; false if it is
 * anything else. */
bool text_to_duration(const char *text, uint64_t max, uint64_t *milliseconds);

/* The same of memory, "512K", "64M" or "1G", in bytes: K is 1024. */
bool text_to_size(const char *text, uint64_t max, uint64_t *bytes);

/* "28,232" into `buffer` (at least 27 bytes), which is returned. */
char *text_grouped(char *buffer, uint64_t number);

/* RFC 3339, UTC, "2026-11-22T23:49:31.204Z", of milliseconds since 1970. */
char *text_time(char buffer[32], int64_t time_ms);

/* Of `words` (ended by NULL) the one that `text` was most likely meant to be, NULL if none is near:
 * at most a third of the letters differ (one insertion, deletion, change or swap each counts one). */
const char *text_nearest(const char *text, const char *const *words);

/* Whether at most so many letters differ, counted as above. */
bool text_is_near(const char *text, const char *word, unsigned most);

/* Whether the pattern, in which * stands for any text, fits all of it. */
bool text_matches(const char *text, const char *pattern);

/* Writes text that came from elsewhere (process names, paths) for a terminal: control characters
 * become '?', so that a name cannot move the cursor or fake a line. Valid UTF-8 passes, but for
 * invisible direction marks, which can make a line read backwards. */
void text_write_safe(FILE *out, const char *text);

/* Whether the well-formed sequence of that length is a control character or invisible: a mark that
 * turns the direction of what follows, a space without width. */
bool text_steers_terminal(const char *text, size_t length);

/* Length in bytes of the well-formed UTF-8 sequence at `text` (RFC 3629), 0 if there is none. */
size_t text_utf8_length(const char *text);

/* Columns that one well-formed character takes on a terminal: 2 for East Asian wide and fullwidth
 * ones and emoji, 0 for marks that combine with the one before (Unicode 15, UAX #11). Ambiguous ones
 * are narrow, as terminals have them. */
unsigned text_glyph_width(const char *text, size_t length);

/* Columns of a text as text_write_safe() writes it. */
unsigned text_width(const char *text);
