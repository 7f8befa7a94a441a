#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Records of a buffer: one behind the other, each at a multiple of 8 bytes, of about a dozen kinds, which the third byte
 * tells (evntrace.h, TRACE_HEADER_TYPE_...).
 */
enum etl_record_type {
	ETL_SYSTEM_32 = 0x01,
	ETL_SYSTEM_64 = 0x02,
	ETL_CLASSIC_32 = 0x0a, /* EVENT_TRACE_HEADER */
	ETL_EVENT_32 = 0x12,   /* EVENT_HEADER, of manifests; 4-byte pointers */
	ETL_EVENT_64 = 0x13,
	ETL_CLASSIC_64 = 0x14,
};

struct etl_record {
	uint8_t type;
	const uint8_t *bytes;
	size_t size; /* not less than the header of its type has */
};

struct etl_records {
	const uint8_t *bytes;
	size_t size, at;
};

enum etl_step {
	ETL_RECORD,
	ETL_NO_MORE,
	ETL_SPOILT /* at records->at; the rest cannot be told apart */
};

enum etl_step etl_records_next(struct etl_records *records, struct etl_record *record);
