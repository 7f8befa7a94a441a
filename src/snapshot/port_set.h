#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * A set of port numbers. Small sets are sorted arrays, large ones a bitmap of 8 KiB, so that a
 * machine with many small destinations and one with a few huge ones both fit in little memory.
 * Zero-initialised is empty; port_set_free() returns the memory.
 */
struct port_set {
	union {
		uint16_t *sorted;
		uint64_t *bitmap;
	};
	uint32_t count;
	uint16_t capacity; /* of `sorted`; 0 while empty, PORT_SET_BITMAP for a bitmap */
};

enum { PORT_SET_BITMAP = UINT16_MAX, PORT_SET_WORDS = 65536 / 64 };

/* False if the port was already there. */
bool port_set_add(struct port_set *set, uint16_t port);
bool port_set_remove(struct port_set *set, uint16_t port);
bool port_set_has(const struct port_set *set, uint16_t port);
void port_set_add_all(struct port_set *set, const struct port_set *more);
/* 64 ports at once: bit i of `bits` is port 64 * word + i. */
void port_set_add_word(struct port_set *set, unsigned word, uint64_t bits);
void port_set_free(struct port_set *set);

/* The smallest member that is >= `from`, -1 if there is none:
 * for (int p = port_set_next(set, 0); p >= 0; p = port_set_next(set, p + 1)) */
int port_set_next(const struct port_set *set, int from);

/* The member at place *at, or the next behind it; false if there is none. *at is where it was, to be
 * counted up for the next. */
static inline bool port_set_step(const struct port_set *set, int *at, int *port)
{
	if (set->capacity == PORT_SET_BITMAP) {
		uint64_t rest = *at < 65536 ? set->bitmap[*at / 64] >> *at % 64 : 0;

		*at = *port = rest ? *at + __builtin_ctzll(rest) :
				     port_set_next(set, (*at | 63) + 1);
		return *port >= 0;
	}
	if ((uint32_t)*at >= set->count)
		return false;
	*port = set->sorted[*at];
	return true;
}

/* All members, smallest first. The set must not change meanwhile. */
#define port_set_each(port, set)                                                              \
	for (int port##_at = 0, port; port_set_step((set), &port##_at, &port); port##_at++)

/* Members within the inclusive bounds. */
unsigned port_set_count_between(const struct port_set *set, uint16_t first, uint16_t last);

struct arena;

/* "40000-40009,40095", as Linux writes ip_local_reserved_ports; "" where it is empty. */
const char *port_set_print(const struct port_set *set, struct arena *arena);

/* Reads "40000-40009,40095" as Linux writes ip_local_reserved_ports; an empty line is empty.
 * False (and `set` as it was found so far) at the first thing that is not a list of ports. */
bool port_set_parse(struct port_set *set, const char *text);

/* Whether two such lists name the same ports: the kernel joins runs and sorts. False if either is no list. */
bool port_set_same_list(const char *one, const char *other);
