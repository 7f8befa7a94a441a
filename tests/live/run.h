#pragma once

/*
 * Runs a shell command while the situation holds (it may be NULL: just wait). Returns its
 * status.
 */
int run_or_hold(const char *command, unsigned hold_s, const char *truth);
