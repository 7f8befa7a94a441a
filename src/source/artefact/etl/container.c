#include "source/artefact/etl/container.h"

#include "base/arena.h"
#include "source/artefact/artefact.h"
#include "source/artefact/etl/bytes.h"
#include "source/artefact/etl/xpress.h"

#include <stdlib.h>

/*
 * The header of a buffer. `Offset` is how much of it was used when it was written, header included; behind that
 * is filler. Of one that is compressed BufferSize is what it takes in the file, and Offset what it was before.
 * Sizes are those of each buffer: a trace that was written anew (relogged) has others than its log-file header says.
 */
enum {
	BUFFER_SIZE = 0x00,
	SEQUENCE = 0x18,
	OFFSET = 0x30,
	FLAGS = 0x34,
	TYPE = 0x36,

	FLAG_EVENTS_LOST = 0x02,
	FLAG_BUFFERS_LOST = 0x04,
	FLAG_COMPRESSED = 0x40,
	KNOWN_FLAGS = 0x7f,
	KNOWN_TYPES = 8,
	RECORD_MARKER = 3, /* the byte of a record that has the bit of a header */
	GIVE_BACK = 4 << 20,

	/* Eighty bytes may say that they were 16 MiB. Of a whole file no more is made than this many times its size, which
	 * ordinary ones, at 4 to 10 times, are far from. */
	MOST_TIMES = 64,
	MOST_AT_LEAST = 64 << 20,
};

void etl_buffers_begin(struct etl_buffers *buffers, const struct artefact_input *input,
		       size_t from, size_t to)
{
	*buffers = (struct etl_buffers){ .input = input, .at = from, .end = to };
	buffers->given_back = from;
}

void etl_buffers_end(struct etl_buffers *buffers)
{
	free(buffers->unpacked);
	buffers->unpacked = NULL;
}

static bool is_compressed(const uint8_t *header)
{
	return le16(header + FLAGS) & FLAG_COMPRESSED;
}

static bool has_sane_sizes(const uint8_t *header)
{
	uint32_t size = le32(header + BUFFER_SIZE), used = le32(header + OFFSET);

	return size >= ETL_BUFFER_HEADER && size <= ETL_BUFFER_MOST &&
	       used >= ETL_BUFFER_HEADER && used <= ETL_BUFFER_MOST &&
	       (is_compressed(header) || used <= size);
}

/* Of a buffer that something leads to only its sizes need be right. Where the chain is lost all must look like one. */
static bool looks_like_one(const uint8_t *header, size_t left)
{
	uint32_t used = le32(header + OFFSET);

	if (!has_sane_sizes(header) || le32(header + BUFFER_SIZE) > left ||
	    (le16(header + FLAGS) & ~KNOWN_FLAGS) || le16(header + TYPE) > KNOWN_TYPES)
		return false;
	return is_compressed(header) || used == ETL_BUFFER_HEADER ||
	       (left >= ETL_BUFFER_HEADER + 4 &&
		header[ETL_BUFFER_HEADER + RECORD_MARKER] & 0x80);
}

static bool find_next(struct etl_buffers *buffers)
{
	const uint8_t *bytes = buffers->input->bytes;
	size_t size = buffers->input->size, from = buffers->at;

	if (from + ETL_BUFFER_HEADER <= size && from < buffers->end &&
	    has_sane_sizes(bytes + from))
		return true;
	while (buffers->at + ETL_BUFFER_HEADER <= size && buffers->at < buffers->end &&
	       !looks_like_one(bytes + buffers->at, size - buffers->at))
		buffers->at++;
	if (buffers->at + ETL_BUFFER_HEADER > size)
		buffers->at = size;
	buffers->passed_over = buffers->at - from;
	return buffers->at + ETL_BUFFER_HEADER <= size && buffers->at < buffers->end;
}

static uint64_t most_of(const struct artefact_input *input)
{
	return MOST_AT_LEAST + (uint64_t)input->size * MOST_TIMES;
}

static void unpack(struct etl_buffers *buffers, struct etl_buffer *buffer, size_t in_file)
{
	const uint8_t *header = buffers->input->bytes + buffer->offset;
	size_t size = le32(header + OFFSET) - ETL_BUFFER_HEADER;

	if (buffers->unpacked_size < size) {
		buffers->unpacked = memory_resize(buffers->unpacked, size, 1);
		buffers->unpacked_size = size;
	}
	buffer->compressed = true;
	buffer->records = buffers->unpacked;
	buffer->size = 0;
	if (size && buffers->unpacked_in_all < most_of(buffers->input))
		buffer->size = xpress_decompress(header + ETL_BUFFER_HEADER,
						 in_file - ETL_BUFFER_HEADER,
						 buffers->unpacked, size);
	buffers->unpacked_in_all += buffer->size;
	if (buffer->size < size && buffer->trouble == ETL_FINE)
		buffer->trouble = ETL_NOT_UNPACKED;
}

/* A file may be larger than memory. */
static void give_back(struct etl_buffers *buffers)
{
	const struct artefact_input *input = buffers->input;

	if (!input->passed || buffers->at - buffers->given_back < GIVE_BACK)
		return;
	input->passed(input, buffers->at);
	buffers->given_back = buffers->at;
}

bool etl_buffers_next(struct etl_buffers *buffers, struct etl_buffer *buffer)
{
	const uint8_t *header;
	size_t left, in_file, used;

	give_back(buffers);
	buffers->passed_over = 0;
	if (!find_next(buffers))
		return false;
	header = buffers->input->bytes + buffers->at;
	left = buffers->input->size - buffers->at;
	in_file = le32(header + BUFFER_SIZE);
	used = le32(header + OFFSET);
	*buffer = (struct etl_buffer){
		.offset = buffers->at,
		.records = header + ETL_BUFFER_HEADER,
		.lossy = le16(header + FLAGS) & (FLAG_EVENTS_LOST | FLAG_BUFFERS_LOST),
		.sequence = le64(header + SEQUENCE),
		.passed_over = buffers->passed_over,
		.trouble = in_file > left ? ETL_CUT : ETL_FINE,
	};
	in_file = in_file < left ? in_file : left;
	if (is_compressed(header))
		unpack(buffers, buffer, in_file);
	else
		buffer->size = (used < in_file ? used : in_file) - ETL_BUFFER_HEADER;
	buffers->at += in_file;
	return true;
}
