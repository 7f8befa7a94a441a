#include "fixture.h"

#include <string.h>

enum { PID = 4321, LEAKED = 15, HANDLES = 23, BUILD = 20348 };
enum { DIRECTORY = 32, ENTRY = 12, STREAMS = 5 };
enum { MODULES = 4, SYSTEM = 7, LIST_OF_HANDLES = 12, MISC = 15 };

/* Where the directory's entry of a stream is. */
static size_t entry_of(const struct fixture *dump, uint32_t type)
{
	for (size_t i = 0; i < STREAMS; i++)
		if (fixture_get(dump, DIRECTORY + ENTRY * i) == type)
			return DIRECTORY + ENTRY * i;
	fail();
	return 0;
}

static size_t stream_of(const struct fixture *dump, uint32_t type)
{
	return fixture_get(dump, entry_of(dump, type) + 8);
}

static int64_t kind_count(const struct process *process, const char *name)
{
	for (size_t i = 0; i < process->kind_count; i++)
		if (!strcmp(process->kinds[i].name, name))
			return process->kinds[i].count;
	return 0;
}

static void handles_are_counted(const char *name)
{
	const struct process *process;
	struct fixture dump;
	struct told told;

	fixture_load(&dump, name);
	fixture_tell(&dump, &told);
	process = told_process(&told, PID);
	assert_non_null(process);
	assert_string_equal(process->name, "billing.exe");
	assert_int_equal(process->descriptors, HANDLES);
	assert_int_equal(process->socket_descriptors, LEAKED);
	assert_int_equal(kind_count(process, OPEN_KIND_AFD), LEAKED);
	assert_int_equal(kind_count(process, "File"), 2);
	assert_int_equal(kind_count(process, "Event"), 4);
	assert_int_equal(kind_count(process, "Key"), 1);
	assert_int_equal(kind_count(process, "ALPC Port"), 1);
	assert_string_equal(process->kinds[0].name, OPEN_KIND_AFD);
	assert_int_equal(process->start_time, 1737551109 - 86400);
	assert_int_equal(told.snapshot.windows->build, BUILD);
	assert_null(told_part(&told, "minidump")->partial);
	assert_null(told_part(&told, "minidump")->why_not);
	told_end(&told);
}

TEST(handles_are_counted_by_type_and_sockets_apart)
{
	handles_are_counted("minidump.dmp");
}

TEST(handles_without_object_information_are_counted_as_well)
{
	handles_are_counted("minidump-first-form.dmp");
}

TEST(files_without_names_may_be_sockets)
{
	const struct process *process;
	struct fixture dump;
	struct told told;

	fixture_load(&dump, "minidump-unnamed.dmp");
	fixture_tell(&dump, &told);
	process = told_process(&told, PID);
	assert_int_equal(process->descriptors, HANDLES);
	assert_int_equal(process->socket_descriptors, -1);
	assert_int_equal(kind_count(process, "File"), LEAKED + 2);
	assert_non_null(strstr(told_part(&told, "minidump")->partial, "17 files"));
	told_end(&told);
}

TEST(a_dump_without_handles_says_how_to_get_them)
{
	struct fixture dump;
	struct told told;

	fixture_load(&dump, "minidump.dmp");
	fixture_put(&dump, entry_of(&dump, LIST_OF_HANDLES), 0);
	fixture_tell(&dump, &told);
	assert_int_equal(told_process(&told, PID)->descriptors, -1);
	assert_non_null(strstr(told_part(&told, "minidump")->partial, "procdump -ma 4321"));
	told_end(&told);
}

TEST(a_dump_of_an_unnamed_process_is_told_and_not_joined)
{
	const struct artefact *part;
	struct fixture dump;
	struct told told;

	fixture_load(&dump, "minidump.dmp");
	fixture_put(&dump, stream_of(&dump, MISC) + 4, 2); /* its times, not its number */
	fixture_tell(&dump, &told);
	part = told_part(&told, "minidump");
	assert_non_null(strstr(part->why_not, "23 handles, 15 of them sockets"));
	assert_int_equal(told.snapshot.process_count, 0);
	told_end(&told);
}

TEST(a_dump_of_linux_is_refused)
{
	struct fixture dump;
	struct told told;

	fixture_load(&dump, "minidump.dmp");
	fixture_put(&dump, stream_of(&dump, SYSTEM) + 20, 0x8201);
	fixture_tell(&dump, &told);
	assert_non_null(strstr(told_part(&told, "minidump")->why_not, "not run on Windows"));
	told_end(&told);
}

/* Of a file that ends within its list of handles, those count that are there. */
TEST(a_cut_dump_tells_what_is_left_of_it)
{
	const struct process *process;
	struct fixture dump;
	struct told told;

	fixture_load(&dump, "minidump.dmp");
	dump.size = stream_of(&dump, LIST_OF_HANDLES) + 16 + 10 * 40 + 39;
	fixture_tell(&dump, &told);
	process = told_process(&told, PID);
	assert_int_equal(process->descriptors, 10);
	assert_non_null(strstr(told_part(&told, "minidump")->partial, "cut by the end"));
	told_end(&told);

	fixture_load(&dump, "minidump.dmp");
	dump.size = 31;
	fixture_tell(&dump, &told);
	assert_non_null(strstr(told_part(&told, "minidump")->why_not, "byte 31"));
	told_end(&told);
}

/* Every number that points somewhere or counts something, at its extremes: nothing outside of the file is read, which
 * the sanitizer sees, and what else is there is told. */
TEST(no_number_leads_out_of_the_file)
{
	static const uint32_t extremes[] = { 0,		 1,	     3,		 31,
					     0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF };
	struct fixture dump, good;
	struct told told;

	fixture_load(&good, "minidump.dmp");
	for (size_t at = 4; at + 4 <= good.size; at += 4)
		for (size_t i = 0; i < sizeof extremes / sizeof extremes[0]; i++) {
			dump = good;
			fixture_put(&dump, at, extremes[i]);
			fixture_tell(&dump, &told);
			if (told_process(&told, PID))
				assert_in_range(told_process(&told, PID)->descriptors + 1, 0,
						HANDLES + 1);
			told_end(&told);
		}
}

TEST(a_list_that_claims_more_handles_than_it_has_is_read_to_its_end)
{
	struct fixture dump;
	struct told told;

	fixture_load(&dump, "minidump.dmp");
	fixture_put(&dump, stream_of(&dump, LIST_OF_HANDLES) + 8, 0xFFFFFFFF);
	fixture_tell(&dump, &told);
	assert_int_equal(told_process(&told, PID)->descriptors, HANDLES);
	assert_non_null(
		strstr(told_part(&told, "minidump")->partial, "of which 23 are there"));
	told_end(&told);
}

SUITE(minidump, cmocka_unit_test(handles_are_counted_by_type_and_sockets_apart),
      cmocka_unit_test(handles_without_object_information_are_counted_as_well),
      cmocka_unit_test(files_without_names_may_be_sockets),
      cmocka_unit_test(a_dump_without_handles_says_how_to_get_them),
      cmocka_unit_test(a_dump_of_an_unnamed_process_is_told_and_not_joined),
      cmocka_unit_test(a_dump_of_linux_is_refused),
      cmocka_unit_test(a_cut_dump_tells_what_is_left_of_it),
      cmocka_unit_test(no_number_leads_out_of_the_file),
      cmocka_unit_test(a_list_that_claims_more_handles_than_it_has_is_read_to_its_end));
