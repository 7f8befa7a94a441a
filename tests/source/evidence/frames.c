#include "source/evidence/frames.h"

#include "suite.h"

#include <string.h>

struct stream {
	struct frames frames;
	struct frame frame;
};

static struct stream stream;

static void begin(void)
{
	stream.frames.begin = stream.frames.end = 0;
	stream.frames.in_member = stream.frames.is_over = false;
}

static void send(const void *bytes, size_t size)
{
	size_t room;
	uint8_t *space = frames_space(&stream.frames, &room);

	assert_true(room >= size);
	memcpy(space, bytes, size);
	frames_filled(&stream.frames, size);
}

static void send_frame(char kind, char why, const char *bytes, size_t size)
{
	const uint8_t head[FRAME_HEAD] = { (uint8_t)kind,
					   (uint8_t)why,
					   0,
					   0,
					   (uint8_t)size,
					   (uint8_t)(size >> 8),
					   (uint8_t)(size >> 16),
					   (uint8_t)(size >> 24) };

	send(head, sizeof head);
	if (bytes)
		send(bytes, size);
}

static int next(void)
{
	return frames_next(&stream.frames, &stream.frame);
}

static void send_member(void)
{
	send_frame('M', 0, "\1\0\0\0\0\0\0\0a.txt", 13);
}

TEST(a_file_comes_in_frames)
{
	begin();
	send_member();
	send_frame('D', 0, "abc", 3);
	send_frame('E', WHY_DAMAGED, "cut", 3);
	send_frame('W', 0, NULL, 0);
	assert_int_equal(next(), 1);
	assert_int_equal(stream.frame.kind, FRAME_MEMBER);
	assert_int_equal(stream.frame.modified_ms, 1);
	assert_int_equal(stream.frame.size, 5);
	assert_memory_equal(stream.frame.bytes, "a.txt", 5);
	assert_int_equal(next(), 1);
	assert_memory_equal(stream.frame.bytes, "abc", 3);
	assert_int_equal(next(), 1);
	assert_int_equal(stream.frame.why, WHY_DAMAGED);
	assert_int_equal(next(), 1);
	assert_int_equal(stream.frame.kind, FRAME_WHOLE);
	assert_int_equal(next(), 0);
	assert_true(stream.frames.is_over);
}

TEST(a_frame_may_come_byte_by_byte)
{
	static const char bytes[] = "M\0\0\0\x0a\0\0\0\0\0\0\0\0\0\0\0hi";

	begin();
	for (size_t i = 0; i < sizeof bytes - 1; i++) {
		assert_int_equal(next(), 0);
		send(bytes + i, 1);
	}
	assert_int_equal(next(), 1);
	assert_memory_equal(stream.frame.bytes, "hi", 2);
}

TEST(any_number_of_frames_fits_one_behind_the_other)
{
	static char data[FRAME_MOST];

	begin();
	send_member();
	assert_int_equal(next(), 1);
	for (int i = 0; i < 100; i++) {
		send_frame('D', 0, data, FRAME_MOST);
		assert_int_equal(next(), 1);
		assert_int_equal(stream.frame.size, FRAME_MOST);
		assert_int_equal(next(), 0);
	}
}

TEST(what_is_no_frame_is_refused)
{
	static const struct {
		char kind, why;
		size_t size;
	} wrong[] = {
		{ 'X', 0, 0 },
		{ 'M', 0, 7 },
		{ 'M', 0, 8 + FRAME_NAME_MOST + 1 },
		{ 'M', WHY_COUNT, 8 },
		{ 'W', 0, FRAME_WORDS_MOST + 1 },
		{ 'D', 0, 1 }, /* there is no file yet */
		{ 'E', 0, 0 },
	};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		begin();
		send_frame(wrong[i].kind, wrong[i].why, NULL, wrong[i].size);
		if (wrong[i].kind == 'D')
			send("x", 1);
		assert_that(next() == -1, "frame %zu", i);
	}
	begin();
	send_member();
	assert_int_equal(next(), 1);
	send_frame('D', 0, NULL, FRAME_MOST + 1);
	assert_int_equal(next(), -1);
	begin();
	send_frame('W', 0, NULL, 0);
	assert_int_equal(next(), 1);
	send_frame('W', 0, NULL, 0);
	assert_int_equal(next(), -1);
}

SUITE(frames, cmocka_unit_test(a_file_comes_in_frames),
      cmocka_unit_test(a_frame_may_come_byte_by_byte),
      cmocka_unit_test(any_number_of_frames_fits_one_behind_the_other),
      cmocka_unit_test(what_is_no_frame_is_refused));
