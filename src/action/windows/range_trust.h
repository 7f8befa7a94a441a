#pragma once

#include "base/error.h"

#include <wchar.h>

/*
 * %ProgramData% lets everybody make folders in it. What is to be believed by a process that has an administrator's rights must
 * be such a one's, and others must not be able to write to it.
 */

/* 0, or -1 with a sentence, for a link as well; `shown` is its name for people. */
int range_trust(const wchar_t *path, const char *shown, struct error *error);

/* The same where others may as much as open it: who has a file open may have it so that nobody can replace it, or remove it. */
int range_trust_private(const wchar_t *path, const char *shown, struct error *error);

/* Makes the folder private. -1 and GetLastError(), ERROR_ALREADY_EXISTS among others. */
int range_trust_make(const wchar_t *path);
