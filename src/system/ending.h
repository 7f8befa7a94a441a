#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * For what goes on until somebody ends it, and has a last word to say then: Ctrl-C, SIGTERM or SIGHUP on Linux (unless whoever
 * started us wants one to be ignored: nohup, a shell's job in the background); Ctrl-C, Ctrl-Break and the closing of the
 * console on Windows.
 */
struct ending;

/* From now on. There is one for the program, which ends with it. NULL: it cannot be had. */
const struct ending *ending_catch(void);

bool ending_was_asked(const struct ending *ending); /* NULL: no */

/* What can be waited for: a descriptor that can be read then; on Windows the handle of an event. -1: `ending` is NULL. */
intptr_t ending_handle(const struct ending *ending);
