#include "snapshot/host_name.h"

#include <string.h>
#include <strings.h>

enum { NETBIOS_LENGTH = 15 };

static bool is_short_for(const char *name, const char *whole)
{
	size_t length = strlen(name);
	bool is_cut = length == NETBIOS_LENGTH;

	return !strchr(name, '.') && !strncasecmp(name, whole, length) &&
	       (is_cut || !whole[length] || whole[length] == '.');
}

bool host_name_may_be(const char *one, const char *other)
{
	return !one || !other || !strcasecmp(one, other) || is_short_for(one, other) ||
	       is_short_for(other, one);
}
