#include "system/locale.h"

#include <stdlib.h>

const char *locale_variable(const char *name)
{
	return getenv(name);
}
