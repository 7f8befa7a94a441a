#pragma once

#include <stddef.h>

/*
 * For what ends the program: it is done in a child of this one. Returns the child's exit status, or -1 where it did not end by
 * itself; `said` gets what it wrote to standard error, ended by NUL. A child that comes back from `act` ends with 250.
 */
int child_run(void (*act)(void), char *said, size_t size);

/* At the start of every test program: it may be such a child. */
void child_take_part(void);
