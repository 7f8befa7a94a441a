#include "system/windows/wine.h"

#include "system/windows/library.h"

#include <stddef.h>

const char *wine_version(void)
{
	const char *(*version)(void);

	return library_find(version, "ntdll.dll", "wine_get_version") ? version() : NULL;
}
