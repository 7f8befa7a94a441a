#include "system/locale.h"

#include "base/arena.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* "zh-CN" as POSIX writes it. */
static char *posix_name(const wchar_t *wide)
{
	char *name = wide_to_text(wide), *dash = strchr(name, '-');

	if (dash)
		*dash = '_';
	return name;
}

/*
 * The first of the languages that the user prefers for menus and messages; not his formats of dates and numbers, which may be
 * of another country, and not the code page, which an English system may have for Chinese programs.
 */
static char *language_of_user(void)
{
	wchar_t *names, one[LOCALE_NAME_MAX_LENGTH];
	ULONG count, length = 0;
	char *result = NULL;

	if (!GetUserPreferredUILanguages(MUI_LANGUAGE_NAME, &count, NULL, &length))
		length = 0;
	names = memory_zeroed(length + 2, sizeof *names);
	if (length && GetUserPreferredUILanguages(MUI_LANGUAGE_NAME, &count, names, &length) &&
	    count)
		result = posix_name(names);
	else if (LCIDToLocaleName(MAKELCID(GetUserDefaultUILanguage(), SORT_DEFAULT), one,
				  LOCALE_NAME_MAX_LENGTH, 0))
		result = posix_name(one);
	free(names);
	return result;
}

static const char *with_codeset(const char *locale)
{
	static char kept[4][64]; /* one for each that is asked for */
	static unsigned next;
	char *text;

	if (strchr(locale, '.') || !strcmp(locale, "C") || !strcmp(locale, "POSIX"))
		return locale;
	text = kept[next++ % 4];
	snprintf(text, sizeof kept[0], "%s.UTF-8", locale);
	return text;
}

const char *locale_variable(const char *name)
{
	const char *value = getenv(name), *result;
	char *language;

	if (value && *value)
		return strcmp(name, "LANGUAGE") ? with_codeset(value) : value;
	if (strcmp(name, "LANG"))
		return value;
	language = language_of_user();
	result = language ? with_codeset(language) : NULL;
	free(language);
	return result;
}
