#include "base/text.h"

#include <limits.h>
#include <string.h>

bool text_to_number(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value > max)
		return false;
	*number = value;
	return true;
}

char *text_grouped(char *buffer, uint64_t number)
{
	char digits[24];
	int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
	char *to = buffer;

	for (int i = 0; i < count; i++) {
		if (i && (count - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return buffer;
}

/* Optimal string alignment distance; words longer than the table are never near. */
static unsigned edit_distance(const char *a, const char *b)
{
	enum { LONGEST = 40 };
	unsigned cost[LONGEST + 1][LONGEST + 1];
	size_t rows = strlen(a), columns = strlen(b);

	if (rows > LONGEST || columns > LONGEST)
		return UINT_MAX;
	for (size_t i = 0; i <= rows; i++) {
		for (size_t j = 0; j <= columns; j++) {
			unsigned best;

			if (!i || !j) {
				cost[i][j] = (unsigned)(i + j);
				continue;
			}
			best = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (cost[i - 1][j] + 1 < best)
				best = cost[i - 1][j] + 1;
			if (cost[i][j - 1] + 1 < best)
				best = cost[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    cost[i - 2][j - 2] + 1 < best)
				best = cost[i - 2][j - 2] + 1;
			cost[i][j] = best;
		}
	}
	return cost[rows][columns];
}

const char *text_nearest(const char *text, const char *const *words)
{
	const char *nearest = NULL;
	unsigned least = (unsigned)(strlen(text) + 2) / 3 + 1;

	for (; *words; words++) {
		unsigned distance = edit_distance(text, *words);

		if (distance < least) {
			least = distance;
			nearest = *words;
		}
	}
	return nearest;
}

size_t text_utf8_length(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t length = byte[0] < 0x80 ? 1 :
			byte[0] < 0xc2 ? 0 :
			byte[0] < 0xe0 ? 2 :
			byte[0] < 0xf0 ? 3 :
			byte[0] < 0xf5 ? 4 :
					 0;

	for (size_t i = 1; i < length; i++)
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates and what lies above U+10FFFF are not characters. */
	if ((byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xed && byte[1] > 0x9f) ||
	    (byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] > 0x8f))
		return 0;
	return length;
}

/* U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069 turn the direction of what follows;
 * U+0080 to U+009F are control characters too. */
bool text_steers_terminal(const char *text, size_t length)
{
	const unsigned char *byte = (const unsigned char *)text;

	if (length == 1)
		return byte[0] < 0x20 || byte[0] == 0x7f;
	if (length == 2)
		return (byte[0] == 0xc2 && byte[1] < 0xa0) ||
		       (byte[0] == 0xd8 && byte[1] == 0x9c);
	if (length != 3 || byte[0] != 0xe2)
		return false;
	if (byte[1] == 0x80)
		return (byte[2] >= 0x8e && byte[2] <= 0x8f) ||
		       (byte[2] >= 0xa8 && byte[2] <= 0xae);
	return byte[1] == 0x81 && byte[2] >= 0xa6 && byte[2] <= 0xa9;
}

void text_write_safe(FILE *out, const char *text)
{
	while (*text) {
		size_t length = text_utf8_length(text);

		if (!length || text_steers_terminal(text, length)) {
			fputc('?', out);
			text += length ? length : 1;
			continue;
		}
		fwrite(text, 1, length, out);
		text += length;
	}
}
