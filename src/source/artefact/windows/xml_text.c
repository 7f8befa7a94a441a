#include "source/artefact/windows/xml_text.h"

#include <stdint.h>
#include <string.h>

static unsigned digit_of(char c)
{
	return c >= '0' && c <= '9' ? (unsigned)(c - '0') :
	       c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) :
	       c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) :
				      99;
}

/* "#65" or "#x41"; 0: no character, or none that may stand in XML. */
static uint32_t point_of(struct span name)
{
	size_t at = 1;
	unsigned base = 10;
	uint32_t point = 0;

	if (name.length > 1 && (name.text[1] == 'x' || name.text[1] == 'X')) {
		base = 16;
		at = 2;
	}
	for (; at < name.length; at++) {
		unsigned digit = digit_of(name.text[at]);

		if (digit >= base || point > 0x10FFFF)
			return 0;
		point = point * base + digit;
	}
	return point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF) ? 0 : point;
}

static uint32_t entity_of(struct span name)
{
	static const struct {
		const char *name;
		char stands_for;
	} entities[] = {
		{ "lt", '<' }, { "gt", '>' }, { "amp", '&' }, { "quot", '"' }, { "apos", '\'' }
	};

	if (name.length && *name.text == '#')
		return point_of(name);
	for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
		if (span_is(name, entities[i].name))
			return (uint32_t)entities[i].stands_for;
	return 0;
}

/* A character is never longer than its name. */
struct span xml_text_decode(char *text, size_t length)
{
	enum { NAME_MOST = 10 };
	size_t to = 0;

	for (size_t at = 0; at < length;) {
		const char *end = text[at] == '&' ? memchr(text + at, ';', length - at) : NULL;
		size_t name = end ? (size_t)(end - text) - at - 1 : 0;
		uint32_t point = end && name <= NAME_MOST ?
					 entity_of((struct span){ text + at + 1, name }) :
					 0;

		if (point) {
			to += line_put_utf8(text + to, point);
			at += name + 2;
		} else {
			text[to++] = text[at++];
		}
	}
	return (struct span){ text, to };
}
