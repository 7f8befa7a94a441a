#include "source/artefact/windows/handle_table.h"

#include "suite.h"

#include <string.h>

enum { HEADER = 16, ENTRY = 40, HANDLES = 3 };

static void put(uint8_t *bytes, uint64_t value, int size)
{
	for (int i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static void fill(uint8_t bytes[HEADER + HANDLES * ENTRY], uint64_t claimed)
{
	memset(bytes, 0, HEADER + HANDLES * ENTRY);
	put(bytes, claimed, 8);
	for (int i = 0; i < HANDLES; i++) {
		uint8_t *entry = bytes + HEADER + i * ENTRY;

		put(entry, UINT64_C(0xffff800012345678), 8);
		put(entry + 8, 1000 + (uint64_t)i, 8);
		put(entry + 16, 4 * ((uint64_t)i + 1), 8);
		put(entry + 24, 0x12019f, 4);
		put(entry + 28, 0xdead, 2);
		put(entry + 30, 37, 2);
	}
}

TEST(handles_are_told_by_process_value_access_and_type)
{
	uint8_t bytes[HEADER + HANDLES * ENTRY];
	struct handle_table table;
	struct handle_entry entry;

	fill(bytes, HANDLES);
	assert_true(handle_table_open(&table, bytes, sizeof bytes));
	assert_int_equal(table.count, HANDLES);
	assert_int_equal(table.missing, 0);
	entry = handle_table_at(&table, 2);
	assert_int_equal(entry.pid, 1002);
	assert_int_equal(entry.handle, 12);
	assert_int_equal(entry.access, 0x12019f);
	assert_int_equal(entry.type, 37);
}

TEST(a_process_number_that_none_can_have_is_nobodys)
{
	uint8_t bytes[HEADER + HANDLES * ENTRY];
	struct handle_table table;

	fill(bytes, HANDLES);
	put(bytes + HEADER + 8, UINT64_C(0x80000000), 8);
	assert_true(handle_table_open(&table, bytes, sizeof bytes));
	assert_int_equal(handle_table_at(&table, 0).pid, 0);
}

TEST(a_table_has_no_more_than_its_bytes)
{
	static const uint64_t claims[] = { 0, 1, HANDLES, HANDLES + 1, UINT64_MAX };
	uint8_t bytes[HEADER + HANDLES * ENTRY];

	for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
		for (size_t size = 0; size <= sizeof bytes; size++) {
			size_t there = size < HEADER ? 0 : (size - HEADER) / ENTRY;
			struct handle_table table;

			fill(bytes, claims[i]);
			assert_that(handle_table_open(&table, bytes, size) == (size >= HEADER),
				    "%zu bytes", size);
			if (size < HEADER)
				continue;
			assert_that(table.count == (claims[i] < there ? claims[i] : there),
				    "claim %zu, %zu bytes", i, size);
			assert_that(table.missing == claims[i] - table.count,
				    "claim %zu, %zu bytes", i, size);
		}
}

SUITE(handle_table, cmocka_unit_test(handles_are_told_by_process_value_access_and_type),
      cmocka_unit_test(a_process_number_that_none_can_have_is_nobodys),
      cmocka_unit_test(a_table_has_no_more_than_its_bytes));
