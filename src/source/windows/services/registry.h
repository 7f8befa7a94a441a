#pragma once

#include "source/windows/services/services_route.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

/*
 * Values of the registry. What is not there, may not be read or is of another type is not there.
 */
const char *registry_text(const struct services_route *route, HKEY root, const WCHAR *key,
			  const WCHAR *name, struct arena *arena);
bool registry_number(const struct services_route *route, HKEY root, const WCHAR *key,
		     const WCHAR *name, uint32_t *number);

/* Each key below that one, by its name there. */
void registry_each_key(const struct services_route *route, HKEY root, const WCHAR *key,
		       void (*take)(void *context, const WCHAR *name), void *context);
