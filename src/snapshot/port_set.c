#include "snapshot/port_set.h"

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_ARRAY = 1024 };

static bool is_bitmap(const struct port_set *set)
{
	return set->capacity == PORT_SET_BITMAP;
}

/* Index of the first element that is not smaller than `port`. */
static uint32_t lower_bound(const struct port_set *set, uint32_t port)
{
	uint32_t low = 0, high = set->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (set->sorted[middle] < port)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void become_bitmap(struct port_set *set)
{
	uint64_t *bitmap = memory_zeroed(PORT_SET_WORDS, sizeof *bitmap);

	for (uint32_t i = 0; i < set->count; i++)
		bitmap[set->sorted[i] / 64] |= UINT64_C(1) << set->sorted[i] % 64;
	free(set->sorted);
	set->bitmap = bitmap;
	set->capacity = PORT_SET_BITMAP;
}

static bool add_to_bitmap(struct port_set *set, uint16_t port)
{
	uint64_t bit = UINT64_C(1) << port % 64, *word = &set->bitmap[port / 64];

	if (*word & bit)
		return false;
	*word |= bit;
	set->count++;
	return true;
}

bool port_set_add(struct port_set *set, uint16_t port)
{
	uint32_t at;

	if (is_bitmap(set))
		return add_to_bitmap(set, port);
	/* Ports often come in order. */
	at = set->count && set->sorted[set->count - 1] < port ? set->count :
								lower_bound(set, port);
	if (at < set->count && set->sorted[at] == port)
		return false;
	if (set->count == LARGEST_ARRAY) {
		become_bitmap(set);
		return add_to_bitmap(set, port);
	}
	if (set->count == set->capacity) {
		set->capacity = set->capacity ? (uint16_t)(2 * set->capacity) : 2;
		set->sorted = memory_resize(set->sorted, set->capacity, sizeof *set->sorted);
	}
	memmove(set->sorted + at + 1, set->sorted + at,
		(set->count - at) * sizeof *set->sorted);
	set->sorted[at] = port;
	set->count++;
	return true;
}

bool port_set_remove(struct port_set *set, uint16_t port)
{
	uint32_t at;

	if (!port_set_has(set, port))
		return false;
	set->count--;
	if (is_bitmap(set)) {
		set->bitmap[port / 64] &= ~(UINT64_C(1) << port % 64);
		return true;
	}
	at = lower_bound(set, port);
	memmove(set->sorted + at, set->sorted + at + 1,
		(set->count - at) * sizeof *set->sorted);
	return true;
}

bool port_set_has(const struct port_set *set, uint16_t port)
{
	uint32_t at;

	if (is_bitmap(set))
		return set->bitmap[port / 64] >> port % 64 & 1;
	at = lower_bound(set, port);
	return at < set->count && set->sorted[at] == port;
}

void port_set_add_word(struct port_set *set, unsigned word, uint64_t bits)
{
	for (; bits && !is_bitmap(set); bits &= bits - 1)
		port_set_add(set, (uint16_t)(word * 64 + (unsigned)__builtin_ctzll(bits)));
	if (!bits)
		return;
	set->count += (uint32_t)__builtin_popcountll(bits & ~set->bitmap[word]);
	set->bitmap[word] |= bits;
}

void port_set_add_all(struct port_set *set, const struct port_set *more)
{
	if (is_bitmap(more))
		for (unsigned word = 0; word < PORT_SET_WORDS; word++)
			port_set_add_word(set, word, more->bitmap[word]);
	else
		port_set_each(port, more)
			port_set_add(set, (uint16_t)port);
}

void port_set_free(struct port_set *set)
{
	free(set->sorted); /* the same pointer as `bitmap` */
	*set = (struct port_set){ 0 };
}

int port_set_next(const struct port_set *set, int from)
{
	if (from > UINT16_MAX)
		return -1;
	if (!is_bitmap(set)) {
		uint32_t at = lower_bound(set, (uint32_t)from);

		return at < set->count ? set->sorted[at] : -1;
	}
	for (int word = from / 64; word < PORT_SET_WORDS; word++) {
		uint64_t bits = set->bitmap[word];

		if (word == from / 64)
			bits &= ~UINT64_C(0) << from % 64;
		if (bits)
			return word * 64 + __builtin_ctzll(bits);
	}
	return -1;
}

unsigned port_set_count_between(const struct port_set *set, uint16_t first, uint16_t last)
{
	unsigned count = 0;

	if (first > last)
		return 0;
	if (!is_bitmap(set))
		return lower_bound(set, (uint32_t)last + 1) - lower_bound(set, first);
	for (int word = first / 64; word <= last / 64; word++) {
		uint64_t bits = set->bitmap[word];

		if (word == first / 64)
			bits &= ~UINT64_C(0) << first % 64;
		if (word == last / 64)
			bits &= ~UINT64_C(0) >> (63 - last % 64);
		count += (unsigned)__builtin_popcountll(bits);
	}
	return count;
}

/* A port number at *text, which moves behind it; -1 if there is none. */
static int take_port(const char **text)
{
	char *end;
	unsigned long value;

	if (**text < '0' || **text > '9')
		return -1;
	value = strtoul(*text, &end, 10);
	*text = end;
	return value > UINT16_MAX ? -1 : (int)value;
}

bool port_set_parse(struct port_set *set, const char *text)
{
	while (*text && *text != '\n') {
		int first = take_port(&text), last = first;

		if (first >= 0 && *text == '-') {
			text++;
			last = take_port(&text);
		}
		if (first < 0 || last < first)
			return false;
		for (int port = first; port <= last; port++)
			port_set_add(set, (uint16_t)port);
		if (*text == ',')
			text++;
		else if (*text && *text != '\n')
			return false;
	}
	return true;
}

const char *port_set_print(const struct port_set *set, struct arena *arena)
{
	enum { LONGEST_RUN = sizeof "65534-65535," };
	size_t runs = 0, size, length = 0;
	char *text;

	port_set_each(port, set)
		runs += !port || !port_set_has(set, (uint16_t)(port - 1));
	size = runs * LONGEST_RUN + 1;
	text = arena_alloc(arena, size);
	for (int first = port_set_next(set, 0); first >= 0;) {
		int last = first;

		while (last < 65535 && port_set_has(set, (uint16_t)(last + 1)))
			last++;
		length += (size_t)snprintf(text + length, size - length,
					   first == last ? "%s%d" : "%s%d-%d",
					   length ? "," : "", first, last);
		first = last < 65535 ? port_set_next(set, last + 1) : -1;
	}
	return text;
}

bool port_set_same_list(const char *one, const char *other)
{
	struct port_set a = { 0 }, b = { 0 };
	bool same = port_set_parse(&a, one) && port_set_parse(&b, other) && a.count == b.count;

	if (same)
		port_set_each(port, &a)
			same = same && port_set_has(&b, (uint16_t)port);
	port_set_free(&a);
	port_set_free(&b);
	return same;
}
