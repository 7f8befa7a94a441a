#pragma once

/*
 * What every test file includes. A file lists its cases in one SUITE, a folder's main.c names the
 * folder's suites in one list, and all of them run as one TAP plan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/format.h"

struct suite {
	const struct CMUnitTest *cases;
	size_t count;
};

#define TEST(name) static void name(void **fixture __attribute__((unused)))

#define SUITE(name, ...)                                                                      \
	static const struct CMUnitTest name##_cases[] = { __VA_ARGS__ };                      \
	const struct suite name##_suite = {                                                   \
		name##_cases,                                                                 \
		sizeof name##_cases / sizeof name##_cases[0],                                 \
	}

#define SUITE_DECLARE(name) extern const struct suite name##_suite;
#define SUITE_LIST(name) &name##_suite,

/* Ended by NULL; returns how many cases failed. */
int suite_run(const char *folder, const struct suite *const *suites);

/* A line that says more about a failure. */
void suite_note(const char *format, ...) FORMAT_PRINTF(1, 2);

/* For more than one value a case: says which one was wrong. */
#define assert_that(condition, ...)                                                           \
	do {                                                                                  \
		if (!(condition)) {                                                           \
			suite_note(__VA_ARGS__);                                              \
			_fail(__FILE__, __LINE__);                                            \
		}                                                                             \
	} while (0)
