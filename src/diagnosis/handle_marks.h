#pragma once

#include <stdbool.h>
#include <stdint.h>

struct process;

/*
 * The marks of Microsoft's article on port exhaustion: look at processes with more than 3,000 handles, and more than
 * 10,000 are a leak more often than not; but System, lsass.exe, store.exe and sqlservr.exe may well have that many
 * (learn.microsoft.com, "Troubleshoot port exhaustion issues").
 */
enum { HANDLE_MARK_MANY = 3000, HANDLE_MARK_TOO_MANY = 10000 };

/* Whether it is one of those that the article excepts. Names are compared as Windows does, with or without .exe, for not every
 * tool prints that. */
bool handle_marks_except(const struct process *process);
