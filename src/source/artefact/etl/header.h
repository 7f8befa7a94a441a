#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the first record of a trace says of all of it (TRACE_LOGFILE_HEADER, learn.microsoft.com).
 */
enum etl_clock_type { ETL_CLOCK_QPC = 1, ETL_CLOCK_SYSTEM = 2, ETL_CLOCK_CYCLES = 3 };

struct etl_header {
	uint32_t buffer_size; /* of a buffer that is not compressed, mostly */
	int build;
	uint32_t processors;
	uint32_t mode; /* LogFileMode */
	uint32_t buffers_written;
	uint8_t pointer_size; /* 4 or 8 */
	uint32_t events_lost, buffers_lost;
	int32_t bias_minutes; /* UTC less local time */
	uint32_t clock;	      /* enum etl_clock_type, or anything */
	uint64_t frequency;   /* of the raw clock, per second; 0: not known */
	int64_t start_raw;    /* of the raw clock, when it was `start` */
	int64_t start, end;   /* 100 ns since 1601 UTC; end 0: it was not closed */
	int64_t boot;
};

enum { ETL_MODE_CIRCULAR = 0x2, ETL_MODE_COMPRESSED = 0x04000000 };

/* `record` is the first of the file. 0, or -1 with a sentence. */
int etl_header_read(struct etl_header *header, const uint8_t *record, size_t size,
		    struct error *error);

/* Milliseconds since 1970 UTC of what the raw clock showed; 0: it cannot be told. */
int64_t etl_time_ms(const struct etl_header *header, int64_t raw);
