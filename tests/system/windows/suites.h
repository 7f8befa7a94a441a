#pragma once

/* Suites of tests/system that are about Windows alone: one line for each, and its file in windows_unit_files of
 * tests/meson.build. */
/* clang-format off */
#define SYSTEM_SUITES(suite) \
	suite(console) \
	suite(file_errno) \
	suite(library) \
	suite(locale) \
	suite(positions) \
	suite(separator) \
	suite(temporary) \
	suite(trust) \
	suite(wide)
/* clang-format on */
