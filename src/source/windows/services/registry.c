#include "source/windows/services/registry.h"

#include "base/arena.h"
#include "system/windows/wide.h"

#include <stdlib.h>

/* A name of a key is 255 characters at most (learn.microsoft.com, "Registry element size limits"); a value that is longer than
 * this is no name of a host. */
enum { LONGEST_NAME = 256, LONGEST_VALUE = 2048, MOST_KEYS = 1000 };

const char *registry_text(const struct services_route *route, HKEY root, const WCHAR *key,
			  const WCHAR *name, struct arena *arena)
{
	WCHAR wide[LONGEST_VALUE + 1] = { 0 };
	DWORD size = LONGEST_VALUE * sizeof wide[0];
	char *text;
	const char *copy;

	if (route->value(root, key, name, RRF_RT_REG_SZ | RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND,
			 NULL, wide, &size) ||
	    !wide[0])
		return NULL;
	text = wide_to_text(wide);
	copy = arena_copy(arena, text);
	free(text);
	return copy;
}

bool registry_number(const struct services_route *route, HKEY root, const WCHAR *key,
		     const WCHAR *name, uint32_t *number)
{
	DWORD value = 0, size = sizeof value;

	if (route->value(root, key, name, RRF_RT_REG_DWORD, NULL, &value, &size))
		return false;
	*number = value;
	return true;
}

void registry_each_key(const struct services_route *route, HKEY root, const WCHAR *key,
		       void (*take)(void *context, const WCHAR *name), void *context)
{
	HKEY opened;

	if (route->open_key(root, key, 0, KEY_ENUMERATE_SUB_KEYS, &opened))
		return;
	for (DWORD i = 0; i < MOST_KEYS; i++) {
		WCHAR name[LONGEST_NAME];
		DWORD length = LONGEST_NAME;

		if (route->each_key(opened, i, name, &length, NULL, NULL, NULL, NULL))
			break;
		take(context, name);
	}
	route->close_key(opened);
}
