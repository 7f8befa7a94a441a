#include "source/artefact/dump/utf16.h"

#include "source/artefact/dump/little_endian.h"
#include "source/artefact/text/line.h"

static uint32_t next(const uint8_t *bytes, size_t count, size_t *at)
{
	uint32_t unit = little_endian_16(bytes + *at);

	*at += 2;
	if (unit < 0xD800 || unit > 0xDFFF)
		return unit;
	if (unit < 0xDC00 && *at + 2 <= count) {
		uint32_t low = little_endian_16(bytes + *at);

		if (low >= 0xDC00 && low <= 0xDFFF) {
			*at += 2;
			return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
		}
	}
	return 0xFFFD;
}

size_t utf16_to_utf8(const uint8_t *bytes, size_t count, char *text, size_t size)
{
	size_t at = 0, length = 0;

	while (at + 2 <= count && length + 5 <= size) {
		uint32_t point = next(bytes, count, &at);

		if (!point)
			break;
		length += line_put_utf8(text + length, point);
	}
	text[length] = '\0';
	return length;
}
