#include "source/artefact/text/line.h"

#include "base/arena.h"
#include "source/artefact/artefact.h"

#include <stdlib.h>
#include <string.h>

/* ---- encodings ---- */

/* Text in a Latin script has zeros in the odd bytes of UTF-16LE, and hardly any in the even ones. */
static enum encoding guess_encoding(const uint8_t *bytes, size_t size)
{
	enum { LOOKED_AT = 4096 };
	size_t length = (size < LOOKED_AT ? size : LOOKED_AT) & ~(size_t)1;
	size_t zeros[2] = { 0, 0 };

	for (size_t i = 0; i < length; i++)
		zeros[i % 2] += !bytes[i];
	if (length >= 8 && 2 * zeros[1] > length / 2 && 16 * zeros[0] < length)
		return ENCODING_UTF16_LE;
	if (length >= 8 && 2 * zeros[0] > length / 2 && 16 * zeros[1] < length)
		return ENCODING_UTF16_BE;
	return ENCODING_BYTES;
}

void lines_begin(struct lines *lines, const uint8_t *bytes, size_t size)
{
	*lines = (struct lines){ .bytes = bytes, .size = size };
	if (size >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE) {
		lines->encoding = ENCODING_UTF16_LE;
		lines->at = 2;
	} else if (size >= 2 && bytes[0] == 0xFE && bytes[1] == 0xFF) {
		lines->encoding = ENCODING_UTF16_BE;
		lines->at = 2;
	} else if (size >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3)) {
		lines->at = 3;
	} else {
		lines->encoding = guess_encoding(bytes, size);
	}
	if (lines->encoding != ENCODING_BYTES)
		lines->buffer = memory_resize(NULL, LINE_MOST + 4, 1);
}

void lines_end(struct lines *lines)
{
	free(lines->buffer);
	lines->buffer = NULL;
}

/* Lines are read once, and so is a line of which all but the beginning is passed over. */
static void give_back(struct lines *lines, size_t offset)
{
	enum { GIVE_BACK_BYTES = 8 << 20 };

	if (!lines->input || !lines->input->passed ||
	    offset < lines->given_back + GIVE_BACK_BYTES)
		return;
	lines->given_back = offset;
	lines->input->passed(lines->input, offset);
}

static unsigned unit_at(const struct lines *lines, size_t at)
{
	const uint8_t *bytes = lines->bytes + at;

	return lines->encoding == ENCODING_UTF16_LE ? bytes[0] | (unsigned)bytes[1] << 8 :
						      bytes[1] | (unsigned)bytes[0] << 8;
}

size_t line_put_utf8(char *to, uint32_t point)
{
	if (point < 0x80) {
		to[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		to[0] = (char)(0xC0 | point >> 6);
		to[1] = (char)(0x80 | (point & 0x3F));
		return 2;
	}
	if (point < 0x10000) {
		to[0] = (char)(0xE0 | point >> 12);
		to[1] = (char)(0x80 | (point >> 6 & 0x3F));
		to[2] = (char)(0x80 | (point & 0x3F));
		return 3;
	}
	to[0] = (char)(0xF0 | point >> 18);
	to[1] = (char)(0x80 | (point >> 12 & 0x3F));
	to[2] = (char)(0x80 | (point >> 6 & 0x3F));
	to[3] = (char)(0x80 | (point & 0x3F));
	return 4;
}

/* One code point; halves of pairs that stand alone become U+FFFD. */
static uint32_t next_point(struct lines *lines)
{
	uint32_t unit = unit_at(lines, lines->at);

	lines->at += 2;
	if (unit < 0xD800 || unit > 0xDFFF)
		return unit;
	if (unit < 0xDC00 && lines->at + 2 <= lines->size) {
		uint32_t low = unit_at(lines, lines->at);

		if (low >= 0xDC00 && low <= 0xDFFF) {
			lines->at += 2;
			return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
		}
	}
	return 0xFFFD;
}

static void convert_line(struct lines *lines, struct line *line)
{
	size_t length = 0;
	uint32_t point = 0;

	while (lines->at + 2 <= lines->size) {
		point = next_point(lines);
		if (point == '\n')
			break;
		if (length < LINE_MOST)
			length += line_put_utf8(lines->buffer + length, point);
		else
			line->cut = true;
		give_back(lines, lines->at);
	}
	line->unended = lines->at + 2 > lines->size && point != '\n';
	if (lines->at + 2 > lines->size)
		lines->at = lines->size; /* half a unit at the end is nothing */
	line->text = lines->buffer;
	line->length = length;
}

/* As it lies there. */
static void take_line(struct lines *lines, struct line *line)
{
	enum { STEP = 1 << 20 };
	const char *text = (const char *)lines->bytes + lines->at, *end = NULL;

	line->text = text;
	while (!end && lines->at < lines->size) {
		size_t left = lines->size - lines->at, step = left < STEP ? left : STEP;
		const char *from = (const char *)lines->bytes + lines->at;

		end = memchr(from, '\n', step);
		lines->at += end ? (size_t)(end - from) : step;
		if (!end)
			give_back(lines, lines->at);
	}
	line->length = (size_t)((const char *)lines->bytes + lines->at - text);
	lines->at += end != NULL;
	line->unended = !end;
	line->cut = line->length > LINE_MOST;
	if (line->cut)
		line->length = LINE_MOST;
}

bool lines_next(struct lines *lines, struct line *line)
{
	if (lines->at >= lines->size)
		return false;
	*line = (struct line){ .number = ++lines->number, .offset = lines->at };
	if (lines->encoding != ENCODING_BYTES)
		convert_line(lines, line);
	else
		take_line(lines, line);
	give_back(lines, (size_t)line->offset);
	while (line->length && line->text[line->length - 1] == '\r')
		line->length--;
	return true;
}

size_t lines_character(struct lines *lines, char utf8[4])
{
	if (lines->at >= lines->size)
		return 0;
	if (lines->encoding == ENCODING_BYTES) {
		utf8[0] = (char)lines->bytes[lines->at++];
		return 1;
	}
	if (lines->at + 2 > lines->size) {
		lines->at = lines->size;
		return 0;
	}
	return line_put_utf8(utf8, next_point(lines));
}

bool lines_piece(struct lines *lines, struct span *piece)
{
	size_t left = lines->size - lines->at;

	if (lines->at >= lines->size)
		return false;
	give_back(lines, lines->at);
	if (lines->encoding == ENCODING_BYTES) {
		*piece = (struct span){ (const char *)lines->bytes + lines->at,
					left < LINE_MOST ? left : LINE_MOST };
		lines->at += piece->length;
		return true;
	}
	*piece = (struct span){ lines->buffer, 0 };
	while (lines->at + 2 <= lines->size && piece->length + 4 <= LINE_MOST)
		piece->length +=
			line_put_utf8(lines->buffer + piece->length, next_point(lines));
	if (lines->at + 2 > lines->size)
		lines->at = lines->size;
	return true;
}

/* ---- what is in a line ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

size_t line_fields(const struct line *line, struct span *fields, size_t most)
{
	const char *at = line->text, *end = line->text + line->length;
	size_t count = 0;

	while (count < most) {
		while (at < end && is_blank(*at))
			at++;
		if (at == end)
			break;
		fields[count].text = at;
		while (at < end && !is_blank(*at))
			at++;
		fields[count].length = (size_t)(at - fields[count].text);
		count++;
	}
	if (count == most && at < end) {
		while (end > at && is_blank(end[-1]))
			end--;
		fields[most - 1].length = (size_t)(end - fields[most - 1].text);
	}
	return count;
}

struct span line_trimmed(const struct line *line)
{
	struct span span = { line->text, line->length };

	while (span.length && is_blank(*span.text)) {
		span.text++;
		span.length--;
	}
	while (span.length && is_blank(span.text[span.length - 1]))
		span.length--;
	return span;
}

bool line_is_blank(const struct line *line)
{
	return !line_trimmed(line).length;
}

bool line_begins(const struct line *line, const char *text)
{
	size_t length = strlen(text);

	return line->length >= length && !memcmp(line->text, text, length);
}

/* Nearly always the first letter tells. */
bool span_is(struct span span, const char *text)
{
	if (span.length && *span.text != *text)
		return false;
	return strlen(text) == span.length && !memcmp(span.text, text, span.length);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool is_like(const char *a, const char *b, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool span_is_like(struct span span, const char *text)
{
	if (span.length && lower(*span.text) != lower(*text))
		return false;
	return strlen(text) == span.length && is_like(span.text, text, span.length);
}

bool span_has(struct span span, const char *text)
{
	size_t length = strlen(text);
	char first = lower(*text);

	for (size_t i = 0; i + length <= span.length; i++)
		if (lower(span.text[i]) == first && is_like(span.text + i, text, length))
			return true;
	return false;
}

bool span_number(struct span span, uint64_t most, uint64_t *number)
{
	uint64_t value = 0;

	if (!span.length || span.length > 20)
		return false;
	for (size_t i = 0; i < span.length; i++) {
		unsigned digit = (unsigned)(span.text[i] - '0');

		if (digit > 9 || value > (most - digit) / 10)
			return false;
		value = 10 * value + digit;
	}
	*number = value;
	return true;
}

/* ---- addresses ---- */

/* Nearly every address in a listing is one of these. */
static bool read_ipv4(struct span span, struct address *address)
{
	uint8_t bytes[4];
	size_t at = 0;

	for (int i = 0; i < 4; i++) {
		unsigned value = 0;
		size_t from = at;

		while (at < span.length && (unsigned)(span.text[at] - '0') <= 9 &&
		       at - from < 4)
			value = 10 * value + (unsigned)(span.text[at++] - '0');
		if (at == from || value > 255)
			return false;
		if (i < 3 && (at == span.length || span.text[at++] != '.'))
			return false;
		bytes[i] = (uint8_t)value;
	}
	if (at != span.length)
		return false;
	*address = address_ipv4(bytes);
	return true;
}

bool span_address(struct span span, struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];
	const char *zone;

	if (read_ipv4(span, address))
		return true;
	if (span.length >= 2 && span.text[0] == '[' && span.text[span.length - 1] == ']') {
		span.text++;
		span.length -= 2;
	}
	zone = span.length ? memchr(span.text, '%', span.length) : NULL;
	if (zone)
		span.length = (size_t)(zone - span.text);
	if (!span.length || span.length >= sizeof text)
		return false;
	memcpy(text, span.text, span.length);
	text[span.length] = '\0';
	return address_parse(text, address);
}

bool span_endpoint(struct span span, struct address *address, uint16_t *port)
{
	struct span host, service;
	uint64_t number;
	size_t colon = span.length;

	while (colon && span.text[colon - 1] != ':')
		colon--;
	if (!colon)
		return false;
	host = (struct span){ span.text, colon - 1 };
	service = (struct span){ span.text + colon, span.length - colon };
	*port = 0;
	if (!span_is(service, "*")) {
		if (!span_number(service, 65535, &number))
			return false;
		*port = (uint16_t)number;
	}
	if (span_is(host, "*")) {
		*address = (struct address){ 0 };
		return true;
	}
	return span_address(host, address);
}
