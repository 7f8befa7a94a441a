#pragma once

#include <stddef.h>

/*
 * The folder of what programs keep for all who use the machine, C:\ProgramData. Windows itself is asked for it: what the
 * environment calls %ProgramData% is chosen by whoever started us.
 */

/* `name` in it, as UTF-8; a path that does not fit is cut, and found nowhere. */
void program_data_path(char *path, size_t size, const char *name);
