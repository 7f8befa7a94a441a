#include "system/windows/error_text.h"

#include "base/language.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static const struct {
	unsigned long number;
	const char *text;
} known[] = {
	{ ERROR_FILE_NOT_FOUND, N_("it is not there") },
	{ ERROR_PATH_NOT_FOUND, N_("it is not there") },
	{ ERROR_ACCESS_DENIED, N_("access is denied") },
	{ ERROR_NOT_ENOUGH_MEMORY, N_("no memory is left") },
	{ ERROR_NOT_SUPPORTED, N_("this Windows does not have it") },
	{ ERROR_INVALID_PARAMETER, N_("this Windows does not take the question") },
	{ ERROR_CALL_NOT_IMPLEMENTED, N_("this Windows does not have it") },
	{ ERROR_INSUFFICIENT_BUFFER, N_("it grew while it was read") },
	{ ERROR_PROC_NOT_FOUND, N_("this Windows does not have it") },
	{ ERROR_MOD_NOT_FOUND, N_("this Windows does not have it") },
	{ ERROR_TIMEOUT, N_("no answer in time") },
	{ 740, /* ERROR_ELEVATION_REQUIRED */ N_("it takes administrator rights") },
};

static void trim(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(" \r\n\t.", text[length - 1]))
		text[--length] = '\0';
}

static char *words_of_system(unsigned long number)
{
	wchar_t wide[512];
	char *text;

	if (!FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
			    number, 0, wide, sizeof wide / sizeof *wide, NULL))
		return NULL;
	text = wide_to_text(wide);
	trim(text);
	return text;
}

const char *error_text(unsigned long number)
{
	static __thread char text[700];
	char *words = NULL;
	const char *said = NULL;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].number == number)
			said = _(known[i].text);
	if (!said)
		said = words = words_of_system(number);
	if (said && *said)
		snprintf(text, sizeof text, _("%s (error %lu)"), said, number);
	else
		snprintf(text, sizeof text, _("error %lu"), number);
	free(words);
	return text;
}
