#include "spoil.h"

#include <string.h>

enum { MOST_CHANGES = 4, LONGEST = 64, MOST_NOISE = 4096 };

#define SEED_STEP UINT64_C(0x9e3779b97f4a7c15)

/* xorshift64*, https://doi.org/10.18637/jss.v008.i14 */
static uint64_t draw(struct spoilt *spoilt, uint64_t below)
{
	spoilt->random ^= spoilt->random >> 12;
	spoilt->random ^= spoilt->random << 25;
	spoilt->random ^= spoilt->random >> 27;
	return below ? (spoilt->random * UINT64_C(2685821657736338717) >> 11) % below : 0;
}

static void replace(struct spoilt *spoilt, size_t at, size_t length, const uint8_t *with,
		    size_t size)
{
	if (at + length > spoilt->size || spoilt->size - length + size > SPOIL_MOST_BYTES)
		return;
	memmove(spoilt->data + at + size, spoilt->data + at + length,
		spoilt->size - at - length);
	memcpy(spoilt->data + at, with, size);
	spoilt->size += size - length;
}

/* The number in digits at or behind a place becomes one at a limit. */
static void change_digits(struct spoilt *spoilt, size_t at)
{
	static const char *const numbers[] = {
		"0",	 "1",	      "-1",	    "255",	  "256",
		"65535", "65536",     "2147483647", "4294967295", "9223372036854775807",
		"1e308", "999999999", "null",	    "\"x\"",	  "[]",
	};
	const char *number = numbers[draw(spoilt, sizeof numbers / sizeof numbers[0])];
	size_t length = 0;

	while (at < spoilt->size && (spoilt->data[at] < '0' || spoilt->data[at] > '9'))
		at++;
	while (at + length < spoilt->size && spoilt->data[at + length] >= '0' &&
	       spoilt->data[at + length] <= '9')
		length++;
	if (length)
		replace(spoilt, at, length, (const uint8_t *)number, strlen(number));
}

/* So does the number of 1, 2, 4 or 8 bytes that may lie there: sizes, counts and offsets of binary files. */
static void change_integer(struct spoilt *spoilt, size_t at)
{
	static const uint64_t numbers[] = {
		0,
		1,
		2,
		7,
		8,
		0x7f,
		0x80,
		0xff,
		0x100,
		0x7fff,
		0x8000,
		0xffff,
		0x10000,
		0x7fffffff,
		0x80000000,
		0xfffffff,
		0xfffffffc,
		UINT32_MAX,
		UINT64_MAX,
		INT64_MAX,
		1ULL << 63,
		1ULL << 32,
		0xfffffffffff8ULL,
	};
	const uint64_t number = numbers[draw(spoilt, sizeof numbers / sizeof numbers[0])];
	const size_t width = (size_t)1 << draw(spoilt, 4);

	at = at / width * width; /* most are aligned */
	for (size_t i = 0; i < width && at + i < spoilt->size; i++)
		spoilt->data[at + i] = (uint8_t)(number >> 8 * i);
}

static void change(struct spoilt *spoilt)
{
	const size_t at = draw(spoilt, spoilt->size), length = draw(spoilt, LONGEST),
		     from = draw(spoilt, spoilt->size);
	uint8_t copy[LONGEST];

	if (!spoilt->size)
		return;
	switch (draw(spoilt, 8)) {
	case 0:
		spoilt->data[at] ^= (uint8_t)(1 << draw(spoilt, 8));
		break;
	case 1:
		spoilt->data[at] = (uint8_t)draw(spoilt, 256);
		break;
	case 2:
		replace(spoilt, at, length, copy, 0);
		break;
	case 3:
		if (from + length > spoilt->size)
			break;
		memcpy(copy, spoilt->data + from, length);
		replace(spoilt, at, 0, copy, length);
		break;
	case 4:
		spoilt->size = at; /* cut short */
		break;
	case 5:
		change_integer(spoilt, at);
		break;
	default:
		change_digits(spoilt, at);
	}
}

void spoil(struct spoilt *spoilt, const uint8_t *good, size_t size, unsigned long number)
{
	memcpy(spoilt->data, good, size);
	spoilt->size = size;
	spoilt->random = (number + 1) * SEED_STEP;
	for (uint64_t i = 0, changes = 1 + draw(spoilt, MOST_CHANGES); i < changes; i++)
		change(spoilt);
}

void spoil_noise(struct spoilt *spoilt, unsigned long number)
{
	spoilt->random = ~((number + 1) * SEED_STEP);
	spoilt->size = number ? draw(spoilt, MOST_NOISE) : 0;
	for (size_t i = 0; i < spoilt->size; i++)
		spoilt->data[i] = (uint8_t)draw(spoilt, 256);
}
