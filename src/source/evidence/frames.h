#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a program that takes a container apart (src/libexec) writes for portroom: frames of a head and bytes. The head is
 * the kind, why something was not read, two zeros and the number of bytes, least byte first.
 *
 *     FRAME_MEMBER  a file begins: eight bytes of time in milliseconds, then its name
 *     FRAME_DATA    bytes of that file
 *     FRAME_END     the file ends; `why` if not all of it was read, and the library's words
 *     FRAME_WHOLE   the container ends, likewise. Nothing follows
 */
enum frame_kind { FRAME_MEMBER = 'M', FRAME_DATA = 'D', FRAME_END = 'E', FRAME_WHOLE = 'W' };

enum frame_why {
	WHY_NOTHING,	/* all is well */
	WHY_DAMAGED,	/* cut off, or spoilt */
	WHY_ENCRYPTED,	/* it takes a password */
	WHY_LINK,	/* a link, which is not followed */
	WHY_NO_FILE,	/* a device or the like */
	WHY_NOT_OF_ALL, /* some records could not be read; their number is in the words */
	WHY_COUNT,
};

enum {
	FRAME_HEAD = 8,
	FRAME_MOST = 1 << 16, /* bytes behind a head */
	FRAME_NAME_MOST = 4096,
	FRAME_WORDS_MOST = 256,
};

struct frame {
	enum frame_kind kind;
	enum frame_why why;
	int64_t modified_ms; /* FRAME_MEMBER: since 1970 UTC, 0: not known */
	const uint8_t
		*bytes; /* FRAME_DATA, and name or words; valid until the next, no string */
	size_t size;
};

/* They arrive in pieces, from a program that somebody's file may have got into its hands. */
struct frames {
	uint8_t bytes[2 * (FRAME_HEAD + FRAME_MOST)];
	size_t begin, end;
	bool in_member, is_over;
};

/* Where the next bytes are to be put, and for how many there is room: at least one; then how many came. */
uint8_t *frames_space(struct frames *frames, size_t *room);
void frames_filled(struct frames *frames, size_t size);

/* 1: a frame; 0: it has not all come yet; -1: what came is none, or none that may stand there. */
int frames_next(struct frames *frames, struct frame *frame);
