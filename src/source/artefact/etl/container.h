#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct artefact_input;

/*
 * A trace is a chain of buffers, each with a header of its own (WMI_BUFFER_HEADER), one behind the other. This goes from one
 * to the next by what each says of its size, unpacks those that are compressed, and finds the chain again where
 * it is broken.
 */
enum etl_trouble {
	ETL_FINE,
	ETL_CUT, /* the file ends within it, as it does where the trace was not stopped */
	ETL_NOT_UNPACKED, /* not all of it: what it is compressed to cannot be */
};

struct etl_buffer {
	size_t offset;		/* where it begins in the file */
	const uint8_t *records; /* valid until the next buffer is read */
	size_t size;
	bool compressed;
	bool lossy; /* it says that events, or buffers before it, were lost */
	uint64_t sequence;
	enum etl_trouble trouble;
	size_t passed_over; /* so many bytes before it were no buffer */
};

struct etl_buffers {
	const struct artefact_input *input;
	size_t at, end;
	size_t given_back;
	uint8_t *unpacked;
	size_t unpacked_size;
	uint64_t unpacked_in_all;
	size_t passed_over; /* bytes behind the last buffer that are none */
};

enum { ETL_BUFFER_HEADER = 72, ETL_BUFFER_MOST = 16 << 20 };

/* Buffers that begin at `from` or later, before `to`. */
void etl_buffers_begin(struct etl_buffers *buffers, const struct artefact_input *input,
		       size_t from, size_t to);
bool etl_buffers_next(struct etl_buffers *buffers, struct etl_buffer *buffer);
void etl_buffers_end(struct etl_buffers *buffers);
