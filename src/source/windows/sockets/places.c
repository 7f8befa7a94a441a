#include "source/windows/sockets/places.h"

#include "base/arena.h"

#include <stdlib.h>

void places_add(struct places *places, const struct place *place)
{
	const struct places_key key = { place->port, place->local.family, 0 };
	const struct indexed ports = { places->ports, places->port_count,
				       sizeof *places->ports, sizeof key };
	size_t found = index_find_or_add(&places->index, &ports, &key);

	if (found == places->port_count) {
		array_reserve(places->ports, places->port_count, places->port_capacity);
		places->ports[places->port_count++] = (struct places_port){ key, 0 };
	}
	array_reserve(places->items, places->count, places->capacity);
	places->items[places->count] = *place;
	places->items[places->count].next = places->ports[found].first;
	places->ports[found].first = (uint32_t)++places->count;
}

static struct place *at(const struct places *places, uint32_t number)
{
	return number ? &places->items[number - 1] : NULL;
}

struct place *places_first(const struct places *places, uint8_t family, uint16_t port)
{
	const struct places_key key = { port, family, 0 };
	const struct indexed ports = { places->ports, places->port_count,
				       sizeof *places->ports, sizeof key };
	size_t found = places->count ? index_find(&places->index, &ports, &key) : 0;

	return found < places->port_count ? at(places, places->ports[found].first) : NULL;
}

struct place *places_next(const struct places *places, const struct place *place)
{
	return at(places, place->next);
}

bool places_have(const struct places *places, const struct address *local, uint16_t port)
{
	places_each_at(place, places, local->family, port) {
		if (address_equal(&place->local, local))
			return true;
	}
	return false;
}

void places_free(struct places *places)
{
	index_free(&places->index);
	free(places->ports);
	free(places->items);
	*places = (struct places){ .count = 0 };
}
