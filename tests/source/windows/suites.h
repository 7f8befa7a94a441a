#pragma once

/* Suites of tests/source that are about Windows alone: one line for each, and its file in windows_unit_files of
 * tests/meson.build. */
/* clang-format off */
#define SYSTEM_SUITES(suite) \
	suite(host) \
	suite(ledger) \
	suite(route) \
	suite(tables)
/* clang-format on */
