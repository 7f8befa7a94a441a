#pragma once

/* Suites of tests/action that are about Windows alone: one line for each, and its file in windows_unit_files of
 * tests/meson.build. */
/* clang-format off */
#define SYSTEM_SUITES(suite) \
	suite(windows_close) \
	suite(windows_close_process) \
	suite(windows_range) \
	suite(windows_range_change) \
	suite(windows_range_guard) \
	suite(windows_range_record)
/* clang-format on */
