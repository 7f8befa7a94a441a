#pragma once

/* Suites of tests/action that are about Linux alone: none. */
#define SYSTEM_SUITES(suite)
