#include "source/artefact/windows/process_table.h"

#include "suite.h"

#include <stdio.h>
#include <string.h>

/* What Windows would have written at that address. */
enum { WHERE = 0x7ff00000, ENTRY = 256, NAME_AT = 200, CREATED_AT = 32, NUMBER_AT = 80 };

struct room {
	uint8_t bytes[4 * ENTRY];
	size_t size;
};

static void put(struct room *room, size_t at, uint64_t value, int size)
{
	for (int i = 0; i < size; i++)
		room->bytes[at + (size_t)i] = (uint8_t)(value >> (8 * i));
}

static void add(struct room *room, uint64_t pid, const char *name, uint32_t handles)
{
	size_t at = room->size, length = strlen(name);

	if (at)
		put(room, at - ENTRY, ENTRY, 4);
	put(room, at + 4, 7, 4);
	put(room, at + CREATED_AT, UINT64_C(116444736000000000) + UINT64_C(17) * 10000000, 8);
	put(room, at + 56, 2 * length, 2);
	put(room, at + 58, 2 * length + 2, 2);
	put(room, at + 64, length ? WHERE + at + NAME_AT : 0, 8);
	put(room, at + NUMBER_AT, pid, 8);
	put(room, at + 96, handles, 4);
	for (size_t i = 0; i < length; i++)
		room->bytes[at + NAME_AT + 2 * i] = (uint8_t)name[i];
	room->size += ENTRY;
}

static struct process_table opened(const struct room *room, size_t size)
{
	struct process_table table;

	process_table_open(&table, room->bytes, size, WHERE);
	return table;
}

TEST(processes_are_told_by_number_name_beginning_and_handles)
{
	struct room room = { .size = 0 };
	struct process_table table;
	struct process_entry entry;

	add(&room, 4, "System", 2000);
	add(&room, 1234, "svchost.exe", 512);
	table = opened(&room, room.size);
	assert_true(process_table_next(&table, &entry));
	assert_int_equal(entry.pid, 4);
	assert_string_equal(entry.name, "System");
	assert_true(process_table_next(&table, &entry));
	assert_int_equal(entry.pid, 1234);
	assert_string_equal(entry.name, "svchost.exe");
	assert_int_equal(entry.handles, 512);
	assert_int_equal(entry.threads, 7);
	assert_int_equal(process_time_s(entry.created), 17);
	assert_false(process_table_next(&table, &entry));
	assert_false(table.broken);
}

TEST(the_idle_process_and_numbers_that_none_can_have_are_passed_over)
{
	struct room room = { .size = 0 };
	struct process_table table;
	struct process_entry entry;

	add(&room, 0, "", 0);
	add(&room, UINT64_C(1) << 40, "odd.exe", 1);
	add(&room, 8, "", 1);
	table = opened(&room, room.size);
	assert_true(process_table_next(&table, &entry));
	assert_int_equal(entry.pid, 8);
	assert_string_equal(entry.name, "");
	assert_false(process_table_next(&table, &entry));
}

TEST(a_name_outside_of_the_bytes_is_none)
{
	static const uint64_t places[] = { 1, WHERE - 2, WHERE + 4 * ENTRY, WHERE + ENTRY - 4,
					   UINT64_MAX };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct room room = { .size = 0 };
		struct process_table table;
		struct process_entry entry;

		add(&room, 8, "name.exe", 1);
		put(&room, 64, places[i], 8);
		table = opened(&room, room.size);
		assert_true(process_table_next(&table, &entry));
		assert_that(!*entry.name, "place %zu: %s", i, entry.name);
	}
}

TEST(a_chain_that_leads_out_of_the_bytes_or_back_is_broken)
{
	static const uint32_t steps[] = { 1, 99, 2 * ENTRY + 1, UINT32_MAX };

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct room room = { .size = 0 };
		struct process_table table;
		struct process_entry entry;

		add(&room, 8, "a.exe", 1);
		add(&room, 12, "b.exe", 1);
		put(&room, 0, steps[i], 4);
		table = opened(&room, room.size);
		assert_true(process_table_next(&table, &entry));
		assert_false(process_table_next(&table, &entry));
		assert_that(table.broken, "step %zu", i);
	}
}

TEST(a_table_cut_anywhere_gives_what_is_whole)
{
	struct room room = { .size = 0 };

	add(&room, 8, "a.exe", 1);
	add(&room, 12, "b.exe", 1);
	for (size_t size = 0; size <= room.size; size++) {
		struct process_table table = opened(&room, size);
		struct process_entry entry;
		size_t count = 0;

		while (process_table_next(&table, &entry))
			count++;
		assert_that(count == (size < 100	 ? 0U :
				      size < ENTRY + 100 ? 1U :
							   2U),
			    "%zu of %zu bytes", count, size);
		assert_that(table.broken == (size < ENTRY + 100), "%zu bytes", size);
	}
}

/* fixtures/system-tables */
TEST(the_table_of_a_system_is_read_to_its_end)
{
	static const char *const expected[] = {
		"wp-cap.exe",	"winemenubuilder.exe", "services.exe",
		"explorer.exe", "winedevice.exe",      "winedevice.exe",
		"plugplay.exe", "svchost.exe",	       "rpcss.exe",
	};
	static uint8_t bytes[16384];
	FILE *file = fopen(FIXTURES "/system-tables/processes.bin", "rb");
	struct process_table table;
	struct process_entry entry;
	size_t size, count = 0;

	assert_non_null(file);
	size = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	process_table_open(&table, bytes, size, 0x10000000);
	while (process_table_next(&table, &entry)) {
		assert_true(count < sizeof expected / sizeof expected[0]);
		assert_string_equal(entry.name, expected[count++]);
		assert_true(process_time_s(entry.created) > 1700000000);
	}
	assert_int_equal(count, sizeof expected / sizeof expected[0]);
	assert_false(table.broken);
}

TEST(a_time_before_1970_is_not_known)
{
	assert_int_equal(process_time_s(0), -1);
	assert_int_equal(process_time_s(UINT64_MAX), UINT64_MAX / 10000000 - 11644473600);
}

SUITE(process_table, cmocka_unit_test(processes_are_told_by_number_name_beginning_and_handles),
      cmocka_unit_test(the_idle_process_and_numbers_that_none_can_have_are_passed_over),
      cmocka_unit_test(a_name_outside_of_the_bytes_is_none),
      cmocka_unit_test(a_chain_that_leads_out_of_the_bytes_or_back_is_broken),
      cmocka_unit_test(a_table_cut_anywhere_gives_what_is_whole),
      cmocka_unit_test(the_table_of_a_system_is_read_to_its_end),
      cmocka_unit_test(a_time_before_1970_is_not_known));
