#include "ports.h"

#include <stdbool.h>

static bool has(const struct port_set *set, unsigned port)
{
	return set->words[port / 64] >> port % 64 & 1;
}

void ports_add(struct port_set *set, uint16_t port)
{
	set->words[port / 64] |= UINT64_C(1) << port % 64;
}

void ports_join(struct port_set *into, const struct port_set *from)
{
	for (unsigned i = 0; i < sizeof into->words / sizeof into->words[0]; i++)
		into->words[i] |= from->words[i];
}

unsigned ports_between(const struct port_set *set, uint16_t first, uint16_t last)
{
	unsigned count = 0;

	for (unsigned port = first; port <= last; port++)
		count += has(set, port);
	return count;
}

unsigned ports_list(const struct port_set *set, uint16_t *list, unsigned size)
{
	unsigned count = 0;

	for (unsigned port = 0; port <= UINT16_MAX && count < size; port++) {
		if (has(set, port))
			list[count++] = (uint16_t)port;
	}
	return count;
}
