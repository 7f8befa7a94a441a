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

struct unit {
	const char *name;
	uint64_t size;
};

static bool take_unit(const char *text, const struct unit *units, size_t unit_count,
		      uint64_t max, uint64_t *number)
{
	size_t length = strspn(text, "0123456789");
	char digits[21];
	uint64_t count;

	if (length >= sizeof digits)
		return false;
	snprintf(digits, sizeof digits, "%.*s", (int)length, text);
	for (size_t i = 0; i < unit_count; i++) {
		if (strcmp(text + length, units[i].name))
			continue;
		if (!text_to_number(digits, max / units[i].size, &count))
			return false;
		*number = count * units[i].size;
		return true;
	}
	return false;
}

bool text_to_duration(const char *text, uint64_t max, uint64_t *milliseconds)
{
	static const struct unit units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }
	};

	return take_unit(text, units, sizeof units / sizeof units[0], max, milliseconds);
}

bool text_to_size(const char *text, uint64_t max, uint64_t *bytes)
{
	static const struct unit units[] = { { "K", 1 << 10 },
					     { "M", 1 << 20 },
					     { "G", 1 << 30 } };

	return take_unit(text, units, sizeof units / sizeof units[0], max, bytes);
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

bool text_is_near(const char *text, const char *word, unsigned most)
{
	return edit_distance(text, word) <= most;
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

bool text_matches(const char *text, const char *pattern)
{
	const char *star = NULL, *again = text;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			again = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			/* The last star takes one more. */
			pattern = star;
			text = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
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
 * U+0080 to U+009F are control characters too; U+200B to U+200D, U+FEFF and the tags from U+E0000 on are
 * not seen at all, so that one name passes for another. */
bool text_steers_terminal(const char *text, size_t length)
{
	const unsigned char *byte = (const unsigned char *)text;

	if (length == 1)
		return byte[0] < 0x20 || byte[0] == 0x7f;
	if (length == 2)
		return (byte[0] == 0xc2 && byte[1] < 0xa0) ||
		       (byte[0] == 0xd8 && byte[1] == 0x9c);
	if (length == 4)
		return byte[0] == 0xf3 && byte[1] == 0xa0 && byte[2] <= 0x81;
	if (length == 3 && byte[0] == 0xef)
		return byte[1] == 0xbb && byte[2] == 0xbf;
	if (length != 3 || byte[0] != 0xe2)
		return false;
	if (byte[1] == 0x80)
		return (byte[2] >= 0x8b && byte[2] <= 0x8f) ||
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

static uint32_t code_point(const char *text, size_t length)
{
	static const unsigned char first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = (unsigned char)text[0] & first_bits[length];

	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	return code;
}

struct code_range {
	uint32_t first, last;
};

static bool is_in(uint32_t code, const struct code_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* The C library's wcwidth() needs a UTF-8 locale, which a small machine need not have. Whole blocks
 * are enough: what lies unassigned in them is wide by default, too. */
unsigned text_glyph_width(const char *text, size_t length)
{
	static const struct code_range wide[] = {
		{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },
		{ 0x23e9, 0x23ec },   { 0x2614, 0x2615 },   { 0x26a1, 0x26a1 },
		{ 0x2705, 0x2705 },   { 0x274c, 0x274c },   { 0x2753, 0x2755 },
		{ 0x2757, 0x2757 },   { 0x2e80, 0x303e },   { 0x3041, 0x33ff },
		{ 0x3400, 0x4dbf },   { 0x4e00, 0x9fff },   { 0xa000, 0xa4cf },
		{ 0xa960, 0xa97f },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
		{ 0xfe10, 0xfe19 },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
		{ 0xffe0, 0xffe6 },   { 0x16fe0, 0x18aff }, { 0x1aff0, 0x1b2ff },
		{ 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1faff },
		{ 0x20000, 0x3fffd },
	};
	static const struct code_range nothing[] = {
		{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
		{ 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x0e31, 0x0e31 },
		{ 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff },
		{ 0x1dc0, 0x1dff }, { 0x200b, 0x200d }, { 0x20d0, 0x20ff },
		{ 0x302a, 0x302d }, { 0x3099, 0x309a }, { 0xfe00, 0xfe0f },
		{ 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }, { 0xe0100, 0xe01ef },
	};
	uint32_t code = code_point(text, length);

	if (code < 0x300)
		return 1;
	if (is_in(code, nothing, sizeof nothing / sizeof nothing[0]))
		return 0;
	return is_in(code, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

unsigned text_width(const char *text)
{
	unsigned columns = 0;

	while (*text) {
		size_t length = text_utf8_length(text);

		if (!length || text_steers_terminal(text, length))
			columns++;
		else
			columns += text_glyph_width(text, length);
		text += length ? length : 1;
	}
	return columns;
}

/* Days to a civil date without the C library's time zones (Howard Hinnant, "chrono-compatible
 * low-level date algorithms", civil_from_days). */
char *text_time(char buffer[32], int64_t time_ms)
{
	int64_t seconds = time_ms / 1000, days = seconds / 86400, rest = seconds % 86400;
	int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
	int64_t year = yoe + era * 400 + (month <= 2);

	snprintf(buffer, 32, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)(year % 10000),
		 (int)month, (int)day, (int)(rest / 3600), (int)(rest / 60 % 60),
		 (int)(rest % 60), (int)(time_ms % 1000));
	return buffer;
}
