#include "source/artefact/etl/xpress.h"

#include "source/artefact/etl/bytes.h"

#include <string.h>

/*
 * A word of 32 flags tells of the next 32 things, from its highest bit down, what they are: 0, a byte as it is; 1, a match:
 * so many bytes from so far back. A match is 16 bits: the distance less one in the upper 13, the length less 3 in the lower
 * 3. Where those are full, the length goes on: in 4 bits, of which two matches share a byte, then in 8, 16, 32 bits.
 */
enum { SHORTEST = 3, WILD = 32 };

struct stream {
	const uint8_t *in, *in_end;
	uint8_t *out, *out_begin, *out_end;
	const uint8_t *half; /* the byte whose upper half is still to be used; NULL: none */
};

static bool has(const struct stream *stream, size_t bytes)
{
	return (size_t)(stream->in_end - stream->in) >= bytes;
}

/* Behind a nibble and a byte that are full. */
static bool read_long_length(struct stream *stream, uint32_t *length)
{
	if (!has(stream, 2))
		return false;
	*length = le16(stream->in);
	stream->in += 2;
	if (!*length) {
		if (!has(stream, 4))
			return false;
		*length = le32(stream->in);
		stream->in += 4;
	}
	if (*length < 15 + 7) /* it counts from the beginning */
		return false;
	*length -= 15 + 7;
	return true;
}

/* What goes beyond 7. */
static bool read_length(struct stream *stream, uint32_t *length)
{
	if (stream->half) {
		*length = *stream->half >> 4;
		stream->half = NULL;
	} else {
		if (!has(stream, 1))
			return false;
		stream->half = stream->in++;
		*length = *stream->half & 15;
	}
	if (*length < 15)
		return true;
	if (!has(stream, 1))
		return false;
	*length = *stream->in++;
	if (*length == 255 && !read_long_length(stream, length))
		return false;
	*length += 15;
	return true;
}

/* Byte by byte: what is copied may be what this very match writes. Eight at once where it is not. */
static void copy(struct stream *stream, size_t distance, size_t length)
{
	const uint8_t *from = stream->out - distance;
	uint8_t *to = stream->out;

	stream->out += length;
	if (distance >= 8 && (size_t)(stream->out_end - to) >= length + 8) {
		for (size_t done = 0; done < length; done += 8)
			memcpy(to + done, from + done, 8);
		return;
	}
	if (distance == 1) {
		memset(to, *from, length);
		return;
	}
	while (length--)
		*to++ = *from++;
}

static bool read_match(struct stream *stream)
{
	size_t distance, room = (size_t)(stream->out_end - stream->out);
	uint32_t length;
	uint64_t whole;

	if (!has(stream, 2))
		return false;
	distance = (size_t)(le16(stream->in) >> 3) + 1;
	length = le16(stream->in) & 7;
	stream->in += 2;
	whole = length + UINT64_C(0) + SHORTEST;
	if (length == 7) {
		if (!read_length(stream, &length))
			return false;
		whole += length;
	}
	if (distance > (size_t)(stream->out - stream->out_begin))
		return false;
	copy(stream, distance, whole < room ? (size_t)whole : room);
	return true;
}

/* So many bytes as they are; false: there are fewer. */
static bool read_literals(struct stream *stream, size_t count)
{
	size_t room = (size_t)(stream->out_end - stream->out);

	if (has(stream, WILD) && room >= WILD) {
		memcpy(stream->out, stream->in, WILD);
	} else {
		if (count > room)
			count = room;
		if (!has(stream, count)) {
			count = (size_t)(stream->in_end - stream->in);
			memcpy(stream->out, stream->in, count);
			stream->in += count;
			stream->out += count;
			return false;
		}
		memcpy(stream->out, stream->in, count);
	}
	stream->in += count;
	stream->out += count;
	return true;
}

static void read_all(struct stream *stream)
{
	uint32_t flags = 0;
	unsigned left = 0;

	while (stream->out < stream->out_end) {
		if (!left) {
			if (!has(stream, 4))
				return;
			flags = le32(stream->in);
			stream->in += 4;
			left = 32;
		}
		if (flags >> 31) {
			flags <<= 1;
			left--;
			if (!read_match(stream))
				return;
		} else {
			unsigned run = flags ? (unsigned)__builtin_clz(flags) : 32;

			run = run < left ? run : left;
			flags = run < 32 ? flags << run : 0;
			left -= run;
			if (!read_literals(stream, run))
				return;
		}
	}
}

size_t xpress_decompress(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	struct stream stream = {
		.in = in,
		.in_end = in + in_size,
		.out = out,
		.out_begin = out,
		.out_end = out + out_size,
	};

	read_all(&stream);
	return (size_t)(stream.out - out);
}
