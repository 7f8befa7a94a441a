#pragma once

#include "base/error.h"

#include <stdbool.h>

/*
 * Text for people in their language, as gettext does it: the English text is the key, po/LANGUAGE.po
 * holds the others. The catalogues are compiled into the program, so that they work without an
 * installed locale, without libintl, and on a machine where only the program was copied to.
 *
 * Set once when the program starts, before any text is made; English until then. Keys of JSON, names
 * of options and metrics are never translated, and documents for programs are written in English.
 */
const char *language_text(const char *text) __attribute__((format_arg(1)));

/* By the number it speaks of. */
const char *language_plural(const char *one, const char *many, unsigned long number)
	__attribute__((format_arg(1), format_arg(2)));

#define _(text) language_text(text)
#define N_(text) text /* marks what is looked up later: tables */
#define P_(one, many, number) language_plural(one, many, number)

/* What the operating system says of an errno, in this language. */
const char *language_errno(int number);

/*
 * The language that a POSIX environment asks for: LC_ALL, LC_MESSAGES, LANG name the locale; unless
 * that is C or POSIX, the list in LANGUAGE goes first (gettext manual, "Locale Environment
 * Variables"). The locale need not be installed. Each may be NULL.
 */
struct language_environment {
	const char *language, *lc_all, *lc_messages, *lang;
};

void language_from_environment(const struct language_environment *environment);

/* Whether that locale writes UTF-8, by its name. */
bool language_locale_is_utf8(const char *locale);

/* By name: "en", "zh", "zh_CN", "zh_CN.UTF-8". -1 with a sentence where it is not spoken here. */
int language_select(const char *name, struct error *error);

void language_english(void);

/* "en" or "zh_CN" */
const char *language_name(void);
