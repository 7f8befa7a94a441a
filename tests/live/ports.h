#pragma once

#include <stdint.h>

/* A set of port numbers, in host byte order. */
struct port_set {
	uint64_t words[65536 / 64];
};

void ports_add(struct port_set *set, uint16_t port);
void ports_join(struct port_set *into, const struct port_set *from);

/* How many members lie in first..last, both included. */
unsigned ports_between(const struct port_set *set, uint16_t first, uint16_t last);

/* The members in rising order, at most `size` of them; returns how many were written. */
unsigned ports_list(const struct port_set *set, uint16_t *list, unsigned size);
