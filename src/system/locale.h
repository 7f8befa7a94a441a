#pragma once

/*
 * LANGUAGE, LC_ALL, LC_MESSAGES, LC_CTYPE or LANG of the environment; NULL where it is not set. Windows has none of them unless
 * somebody sets them: there LANG is, else, the language in which the system speaks to this user, and a locale without a
 * codeset has UTF-8, which is all that portroom writes there.
 */
const char *locale_variable(const char *name);
