#pragma once

#include "base/index.h"
#include "snapshot/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Local ports, each with the addresses that it was met with, to be found by port and family. Zero-initialised is empty.
 */
struct place {
	struct address local;
	uint16_t port;
	bool is_udp, is_protocol_known;
	int32_t pid;   /* the adder's own meaning */
	uint32_t next; /* of that port and family, plus one; 0: none */
};

struct places {
	struct index index;
	struct places_port {
		struct places_key {
			uint16_t port;
			uint8_t family, padding;
		} key;
		uint32_t first; /* as `next` */
	} * ports;
	size_t port_count, port_capacity;
	struct place *items;
	size_t count, capacity;
};

void places_add(struct places *places, const struct place *place);

/* The latest of them, and the next; NULL: there is none (more). Valid until one is added. */
struct place *places_first(const struct places *places, uint8_t family, uint16_t port);
struct place *places_next(const struct places *places, const struct place *place);

#define places_each_at(place, places, family, port)                                           \
	for (struct place *place = places_first((places), (family), (port)); place;           \
	     place = places_next((places), place))

/* Whether it was met with exactly this address. */
bool places_have(const struct places *places, const struct address *local, uint16_t port);

void places_free(struct places *places);
