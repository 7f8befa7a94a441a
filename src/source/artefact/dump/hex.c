#include "source/artefact/dump/hex.h"

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_number(struct span text, uint64_t most, uint64_t *number)
{
	uint64_t value = 0;

	if (!text.length || text.length > 16)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		int digit = digit_of(text.text[i]);

		if (digit < 0)
			return false;
		value = value << 4 | (unsigned)digit;
	}
	if (value > most)
		return false;
	*number = value;
	return true;
}
