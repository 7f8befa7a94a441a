#pragma once

/* Suites of tests/source that are about Windows alone: one line for each, and its file in windows_unit_files of
 * tests/meson.build. */
/* clang-format off */
#define SYSTEM_SUITES(suite) \
	suite(account) \
	suite(afd) \
	suite(bound_handles) \
	suite(bound_internal) \
	suite(bound_wmi) \
	suite(details) \
	suite(event_query) \
	suite(failures) \
	suite(file_version) \
	suite(handles) \
	suite(host) \
	suite(ledger) \
	suite(logged) \
	suite(nt) \
	suite(ranges) \
	suite(relay) \
	suite(route) \
	suite(service_names) \
	suite(tables) \
	suite(unlisted) \
	suite(windows_services)
/* clang-format on */
