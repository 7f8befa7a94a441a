#pragma once

#include <wchar.h>

/*
 * The system's text is UTF-16, ours is UTF-8. Results are the caller's to free().
 */
wchar_t *wide_of(const char *text);
char *wide_to_text(const wchar_t *wide); /* what is no UTF-16 becomes U+FFFD */

/* A path as the system takes it, also where it is longer than 260 characters: then it is made absolute and gets the prefix
 * that lifts the limit (learn.microsoft.com, "Maximum Path Length Limitation"). */
wchar_t *wide_path(const char *path);
