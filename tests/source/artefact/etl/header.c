#include "source/artefact/etl/header.h"
#include "suite.h"

#include <string.h>

/* 2023-11-14T22:13:20Z */
#define START INT64_C(133444736000000000)
#define START_MS INT64_C(1700000000000)

static struct etl_header of_clock(uint32_t clock, uint64_t frequency)
{
	return (struct etl_header){
		.clock = clock,
		.frequency = frequency,
		.start = START,
		.start_raw = 1000,
	};
}

TEST(a_counter_is_counted_from_the_start)
{
	struct etl_header header = of_clock(ETL_CLOCK_QPC, 2441412);

	assert_int_equal(etl_time_ms(&header, 1000), START_MS);
	assert_int_equal(etl_time_ms(&header, 1000 + 2441412), START_MS + 1000);
	assert_int_equal(etl_time_ms(&header, 1000 - 2441412), START_MS - 1000);
	/* A thousand years would not fit where ticks are multiplied first. */
	assert_int_equal(etl_time_ms(&header, 1000 + INT64_C(2441412) * 86400 * 365 * 1000),
			 START_MS + INT64_C(86400000) * 365 * 1000);
}

TEST(the_system_clock_is_the_time_itself)
{
	struct etl_header header = of_clock(ETL_CLOCK_SYSTEM, 10000000);

	assert_int_equal(etl_time_ms(&header, START + 15000), START_MS + 1);
}

TEST(a_time_that_cannot_be_is_none)
{
	struct etl_header header = of_clock(ETL_CLOCK_QPC, 0);

	assert_int_equal(etl_time_ms(&header, 1000), 0);
	header.frequency = UINT64_MAX;
	assert_int_equal(etl_time_ms(&header, 1000), 0);
	header.frequency = 1;
	assert_int_equal(etl_time_ms(&header, INT64_MAX), 0);
	assert_int_equal(etl_time_ms(&header, INT64_MIN), 0);
	header.clock = ETL_CLOCK_SYSTEM;
	assert_int_equal(etl_time_ms(&header, 0), 0);
	assert_int_equal(etl_time_ms(&header, INT64_MAX), 0);
}

static void put(uint8_t *at, uint64_t number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(number >> 8 * i);
}

/* Behind two pointers; of 32-bit systems all of it lies 8 bytes before. */
static void make(uint8_t record[0x140], unsigned pointer, unsigned clock)
{
	uint8_t *log = record + 0x20;
	size_t less = pointer == 4 ? 8 : 0;

	memset(record, 0, 0x140);
	put(record + 0x10, 4711, 8);
	put(log + 0x08, 19041, 4);
	put(log + 0x2c, pointer, 4);
	put(log + 0x30, 7, 4);
	put(log + 0x34, 2400, 4);
	put(log + 0x100 - less, 2441412, 8);
	put(log + 0x108 - less, (uint64_t)START, 8);
	put(log + 0x110 - less, clock, 4);
	put(log + 0x114 - less, 3, 4);
}

TEST(both_sizes_of_pointers_are_read)
{
	static const unsigned sizes[] = { 4, 8 };
	struct etl_header header;
	struct error error;
	uint8_t record[0x140];

	for (size_t i = 0; i < 2; i++) {
		make(record, sizes[i], ETL_CLOCK_QPC);
		assert_int_equal(etl_header_read(&header, record, sizeof record, &error), 0);
		assert_int_equal(header.pointer_size, sizes[i]);
		assert_int_equal(header.build, 19041);
		assert_int_equal(header.events_lost, 7);
		assert_int_equal(header.buffers_lost, 3);
		assert_int_equal(header.frequency, 2441412);
		assert_int_equal(header.start_raw, 4711);
		assert_true(header.start == START);
	}
}

TEST(each_clock_has_its_frequency)
{
	static const uint64_t frequencies[] = { 0, 2441412, 10000000, 2400000000, 0 };
	struct etl_header header;
	struct error error;
	uint8_t record[0x140];

	for (unsigned clock = 0; clock < 5; clock++) {
		make(record, 8, clock);
		assert_int_equal(etl_header_read(&header, record, sizeof record, &error), 0);
		assert_that(header.frequency == frequencies[clock], "clock %u", clock);
	}
}

TEST(a_header_that_is_cut_or_odd_is_refused)
{
	struct etl_header header;
	struct error error;
	uint8_t record[0x140];

	make(record, 8, ETL_CLOCK_QPC);
	for (size_t size = 0; size < 0x20 + 0x118; size++)
		assert_int_equal(etl_header_read(&header, record, size, &error), -1);
	assert_int_equal(etl_header_read(&header, record, 0x20 + 0x118, &error), 0);
	make(record, 5, ETL_CLOCK_QPC);
	assert_int_equal(etl_header_read(&header, record, sizeof record, &error), -1);
	assert_non_null(strstr(error.text, "5 bytes"));
}

SUITE(etl_header, cmocka_unit_test(a_counter_is_counted_from_the_start),
      cmocka_unit_test(the_system_clock_is_the_time_itself),
      cmocka_unit_test(a_time_that_cannot_be_is_none),
      cmocka_unit_test(both_sizes_of_pointers_are_read),
      cmocka_unit_test(each_clock_has_its_frequency),
      cmocka_unit_test(a_header_that_is_cut_or_odd_is_refused));
