#include "source/evidence/frames.h"

#include <string.h>

uint8_t *frames_space(struct frames *frames, size_t *room)
{
	if (frames->begin) {
		memmove(frames->bytes, frames->bytes + frames->begin,
			frames->end - frames->begin);
		frames->end -= frames->begin;
		frames->begin = 0;
	}
	*room = sizeof frames->bytes - frames->end;
	return frames->bytes + frames->end;
}

void frames_filled(struct frames *frames, size_t size)
{
	frames->end += size;
}

static uint64_t number_at(const uint8_t *bytes, int width)
{
	uint64_t number = 0;

	for (int i = width; i-- > 0;)
		number = number << 8 | bytes[i];
	return number;
}

static bool is_sane(const uint8_t *head, size_t size)
{
	static const struct {
		uint8_t kind;
		size_t least, most;
	} kinds[] = {
		{ FRAME_MEMBER, 8, 8 + FRAME_NAME_MOST },
		{ FRAME_DATA, 1, FRAME_MOST },
		{ FRAME_END, 0, FRAME_WORDS_MOST },
		{ FRAME_WHOLE, 0, FRAME_WORDS_MOST },
	};

	if (head[1] >= WHY_COUNT || head[2] || head[3])
		return false;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].kind == head[0])
			return size >= kinds[i].least && size <= kinds[i].most;
	return false;
}

/* Files follow each other and have an end; behind the end of all there is nothing. */
static bool is_in_place(struct frames *frames, enum frame_kind kind)
{
	bool belongs_to_member = kind == FRAME_DATA || kind == FRAME_END;

	if (frames->is_over || belongs_to_member != frames->in_member)
		return false;
	frames->in_member = kind == FRAME_MEMBER || kind == FRAME_DATA;
	frames->is_over = kind == FRAME_WHOLE;
	return true;
}

int frames_next(struct frames *frames, struct frame *frame)
{
	const uint8_t *head = frames->bytes + frames->begin;
	size_t there = frames->end - frames->begin, size;

	if (there < FRAME_HEAD)
		return there && frames->is_over ? -1 : 0;
	size = (size_t)number_at(head + 4, 4);
	if (!is_sane(head, size))
		return -1;
	if (there - FRAME_HEAD < size)
		return 0;
	*frame = (struct frame){
		.kind = head[0], .why = head[1], .bytes = head + FRAME_HEAD, .size = size
	};
	if (!is_in_place(frames, frame->kind))
		return -1;
	if (frame->kind == FRAME_MEMBER) {
		frame->modified_ms = (int64_t)number_at(frame->bytes, 8);
		frame->bytes += 8;
		frame->size -= 8;
	}
	frames->begin += FRAME_HEAD + size;
	return 1;
}
