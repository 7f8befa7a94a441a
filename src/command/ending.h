#pragma once

#include <stdbool.h>

/*
 * For what goes on until somebody ends it, and has a last word to say then.
 */

/* A descriptor that can be read when SIGINT, SIGTERM or SIGHUP has come, unless whoever started us wants one to be
 * ignored (nohup, a shell's job in the background). It is closed with the process. */
int ending_catch(void);
bool ending_was_asked(int signals);
