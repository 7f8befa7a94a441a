#pragma once

/* Suites of tests/system that are about Linux alone: none. */
#define SYSTEM_SUITES(suite)
