#include "libexec/frame_out.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* A frame is written at once, or a pipe that is full breaks it where it likes. */
static void put(struct iovec *pieces, int count)
{
	while (count) {
		ssize_t written = writev(STDOUT_FILENO, pieces, count);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			_exit(1);
		while (count && (size_t)written >= pieces->iov_len) {
			written -= (ssize_t)pieces->iov_len;
			pieces++;
			count--;
		}
		if (count) {
			pieces->iov_base = (char *)pieces->iov_base + written;
			pieces->iov_len -= (size_t)written;
		}
	}
}

static void put_number(uint8_t *bytes, uint64_t number, int width)
{
	for (int i = 0; i < width; i++)
		bytes[i] = (uint8_t)(number >> 8 * i);
}

static void put_frame(enum frame_kind kind, enum frame_why why, const void *bytes, size_t size)
{
	uint8_t head[FRAME_HEAD] = { (uint8_t)kind, (uint8_t)why };
	struct iovec pieces[] = { { head, sizeof head }, { (void *)(uintptr_t)bytes, size } };

	put_number(head + 4, size, 4);
	put(pieces, size ? 2 : 1);
}

void frame_out_member(const char *name, int64_t modified_ms)
{
	uint8_t bytes[8 + FRAME_NAME_MOST];
	size_t length = strnlen(name, FRAME_NAME_MOST);

	put_number(bytes, (uint64_t)modified_ms, 8);
	memcpy(bytes + 8, name, length);
	put_frame(FRAME_MEMBER, WHY_NOTHING, bytes, 8 + length);
}

void frame_out_data(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	while (size) {
		size_t part = size < FRAME_MOST ? size : FRAME_MOST;

		put_frame(FRAME_DATA, WHY_NOTHING, at, part);
		at += part;
		size -= part;
	}
}

void frame_out_end(enum frame_why why, const char *words)
{
	put_frame(FRAME_END, why, words, words ? strnlen(words, FRAME_WORDS_MOST) : 0);
}

void frame_out_whole(enum frame_why why, const char *words)
{
	put_frame(FRAME_WHOLE, why, words, words ? strnlen(words, FRAME_WORDS_MOST) : 0);
}
