#pragma once

#include "snapshot/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Text that somebody else's programs wrote, line by line. UTF-8, UTF-16 with or without a mark, and the code pages of
 * consoles, whose bytes are left as they are: what matters is ASCII in all of them.
 */

/* Bytes that are no C string: they are part of a file. */
struct span {
	const char *text;
	size_t length;
};

struct artefact_input;

struct line {
	const char *text; /* without its end, not ended by zero; valid until the next line */
	size_t length;
	uint64_t number; /* from 1 */
	uint64_t offset; /* of its first byte in the file */
	bool cut;	 /* it is longer than LINE_MOST; the rest was passed over */
	bool unended;	 /* the file ends within it */
};

enum { LINE_MOST = 1 << 16 };

enum encoding { ENCODING_BYTES, ENCODING_UTF16_LE, ENCODING_UTF16_BE };

struct lines {
	const uint8_t *bytes;
	size_t size, at;
	enum encoding encoding;
	uint64_t number;
	char *buffer; /* of a line that had to be converted */
	const struct artefact_input
		*input; /* is told what lies behind; lines_begin() leaves NULL: nobody is */
	size_t given_back;
};

void lines_begin(struct lines *lines, const uint8_t *bytes, size_t size);
bool lines_next(struct lines *lines, struct line *line); /* false: there is none any more */
void lines_end(struct lines *lines);

/* Text whose lines mean nothing: the next piece of it, as UTF-8 where it was UTF-16, at most LINE_MOST. false: there is none
 * any more. */
bool lines_piece(struct lines *lines, struct span *piece);

/* A code point as UTF-8, of at most four bytes; how many. */
size_t line_put_utf8(char *to, uint32_t point);

/* The next character instead of the next line, for text that is not made of lines: how many bytes of UTF-8 it has, of
 * which code pages give one after the other; 0: there is none. */
size_t lines_character(struct lines *lines, char utf8[4]);

/* Splits at blanks and tabs; at most so many, the last has what is left of the line. How many there are. */
size_t line_fields(const struct line *line, struct span *fields, size_t most);

bool line_is_blank(const struct line *line);
struct span line_trimmed(const struct line *line);
bool line_begins(const struct line *line, const char *text);

bool span_is(struct span span, const char *text);
bool span_is_like(struct span span, const char *text); /* ASCII letters in any case */
bool span_has(struct span span, const char *text);     /* somewhere, in any case */

/* All of it is one decimal number up to `most`; grouping signs are refused. */
bool span_number(struct span span, uint64_t most, uint64_t *number);

/*
 * "10.0.0.5:443", "[fe80::1%12]:443", "[::]:0", "*:*" (FAMILY_NONE, 0), "*:53", "0.0.0.0:*". Zones are dropped.
 * false: it is no such thing, as where names stand for numbers.
 */
bool span_endpoint(struct span span, struct address *address, uint16_t *port);

/* The address alone, with or without brackets and zone. */
bool span_address(struct span span, struct address *address);
