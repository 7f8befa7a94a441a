#pragma once

#include <stdbool.h>

/*
 * SeDebugPrivilege lets an administrator look into processes of other users (learn.microsoft.com, "Privilege Constants"). false:
 * whoever started us does not have it.
 */
bool privilege_debug(void);
