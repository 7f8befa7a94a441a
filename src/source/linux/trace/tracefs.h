#pragma once

#include "base/error.h"

#include <stdint.h>

/*
 * What the kernel tells of its tracepoints: their numbers, which perf_event_open(2) takes, and the layout
 * of their records. Read only; nothing is switched on here.
 */

/* A descriptor of the folder, mounted where it is usual, or for this process alone; -1 with a sentence. */
int tracefs_open(struct error *error);

/* Of an event such as "syscalls/sys_exit_bind"; -1 if this kernel has none of that name. */
int64_t tracefs_event_id(int tracefs, const char *event);

/* Where a field lies in the record of an event, in bytes; -1 if it has none of that name. */
int tracefs_field_offset(int tracefs, const char *event, const char *field);
