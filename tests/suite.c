#include "suite.h"

#include "portable/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int suite_run(const char *folder, const struct suite *const *suites)
{
	struct CMUnitTest *cases;
	size_t count = 0;
	int failed;

	child_take_part();
	for (size_t i = 0; suites[i]; i++)
		count += suites[i]->count;
	cases = calloc(count, sizeof *cases);
	if (!cases)
		return 1;
	count = 0;
	for (size_t i = 0; suites[i]; i++) {
		memcpy(cases + count, suites[i]->cases, suites[i]->count * sizeof *cases);
		count += suites[i]->count;
	}
	failed = _cmocka_run_group_tests(folder, cases, count, NULL, NULL);
	free(cases);
	return failed;
}

/* The C library of Windows does not know the formats that we use, and cmocka has its own. */
void suite_note(const char *format, ...)
{
	char text[4000];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	print_message("# %s\n", text);
}
