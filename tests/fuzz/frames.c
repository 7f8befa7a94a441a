/*
 * What a program that takes containers apart tells, if somebody's file has taken hold of it.
 */
#include "source/evidence/frames.h"

#include "fuzz.h"

#include <string.h>

/* In pieces whose sizes the bytes themselves say. */
int fuzz_one(const uint8_t *data, size_t size)
{
	static struct frames frames;
	struct frame frame;
	volatile unsigned sum = 0; /* so that all bytes of a frame are looked at */
	size_t at = 0;
	int result;

	frames.begin = frames.end = 0;
	frames.in_member = frames.is_over = false;
	for (;;) {
		size_t room, piece = at < size ? 1 + data[at] * (size_t)97 : 0;
		uint8_t *space;

		while ((result = frames_next(&frames, &frame)) > 0)
			for (size_t i = 0; i < frame.size; i++)
				sum += frame.bytes[i];
		if (result < 0 || at == size)
			break;
		space = frames_space(&frames, &room);
		if (piece > room)
			piece = room;
		if (piece > size - at)
			piece = size - at;
		memcpy(space, data + at, piece);
		frames_filled(&frames, piece);
		at += piece;
	}
	return !result && frames.is_over;
}
