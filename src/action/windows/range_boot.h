#pragma once

#include <stdbool.h>

/*
 * Which start of Windows this is: what netsh has set for "active" ends with it, and so does what is noted of it. Windows
 * numbers its starts nowhere that is documented, so a key of the registry that lives no longer than they do has a name
 * for it (learn.microsoft.com, RegCreateKeyEx, REG_OPTION_VOLATILE). Shutting down with fast startup is no end, neither
 * for the key nor for the ranges, and what the clock says does not matter.
 */

/* false: it has no name yet. */
bool range_boot_read(char name[40]);

/* Gives it one if need be. false: that may not be written. */
bool range_boot_name(char name[40]);
