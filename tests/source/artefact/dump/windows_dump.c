#include "fixture.h"

#include <string.h>

enum { BUILD_AT = 0x0C, BUG_CHECK_64 = 0x38, TYPE_64 = 0xF98, TYPE_32 = 0xF88 };

/* What is said of a dump of that type, which must be known by that name. */
static void tells(struct fixture *dump, uint32_t type, const char *kind, const char *text)
{
	const struct artefact *part;
	struct told told;

	fixture_put(dump, TYPE_64, type);
	fixture_tell(dump, &told);
	part = told_part(&told, kind);
	assert_that(part && strstr(part->partial, text), "%s: %s", kind,
		    part ? part->partial : "(not there)");
	assert_null(part->why_not);
	assert_int_equal(told.snapshot.windows->build, 20348);
	told_end(&told);
}

TEST(a_complete_dump_is_told_with_the_commands_that_read_it)
{
	struct fixture dump;

	fixture_load(&dump, "complete64.dmp");
	tells(&dump, 1, "dump-complete", "vol -f file windows.netscan >netscan.txt");
	tells(&dump, 5, "dump-active", "vol -f file windows.handles >handles.txt");
	tells(&dump, 1, "dump-complete",
	      ", Windows build 20348, 8 processors, 2025-01-22 13:05:09 UTC, bug check 0xE2");
}

TEST(of_a_kernel_dump_the_debugger_tells_handles)
{
	struct fixture dump;

	fixture_load(&dump, "complete64.dmp");
	tells(&dump, 2, "dump-kernel", "kd -z file -c \"!process 0 0; q\" >process.txt");
	tells(&dump, 6, "dump-kernel-bitmap", "not who had which port");
	tells(&dump, 7, "dump-automatic", "kd -z file");
	fixture_put(&dump, BUG_CHECK_64, 0x161);
	tells(&dump, 6, "dump-kernel-bitmap", "taken while it ran");
}

TEST(a_small_dump_can_answer_nothing)
{
	struct fixture dump;

	fixture_load(&dump, "complete64.dmp");
	tells(&dump, 4, "dump-small", "neither handles nor ports");
	tells(&dump, 99, "dump", "of an unknown type");
}

TEST(a_dump_of_a_32_bit_machine_has_its_facts_elsewhere)
{
	const struct artefact *part;
	struct fixture dump;
	struct told told;

	for (size_t i = 0; i < 0x1000; i++)
		dump.bytes[i] = (uint8_t) "PAGE"[i % 4];
	dump.size = 0x1000;
	memcpy(dump.bytes, "PAGEDUMP", 8);
	fixture_put(&dump, BUILD_AT, 2600);
	fixture_put(&dump, TYPE_32, 1);
	fixture_tell(&dump, &told);
	part = told_part(&told, "dump-complete");
	assert_non_null(part);
	/* What is not filled in is not told. */
	assert_non_null(strstr(part->partial, "a complete memory dump, Windows build 2600:"));
	told_end(&told);
}

TEST(a_dump_that_ends_within_its_header_is_refused)
{
	struct fixture dump;
	struct told told;

	fixture_load(&dump, "complete64.dmp");
	for (dump.size = 8; dump.size < 0x2000; dump.size += 997) {
		fixture_tell(&dump, &told);
		assert_int_equal(told.snapshot.evidence.artefact_count, 1);
		assert_non_null(strstr(told.snapshot.evidence.artefacts[0].why_not,
				       "within its header"));
		told_end(&told);
	}
}

SUITE(windows_dump, cmocka_unit_test(a_complete_dump_is_told_with_the_commands_that_read_it),
      cmocka_unit_test(of_a_kernel_dump_the_debugger_tells_handles),
      cmocka_unit_test(a_small_dump_can_answer_nothing),
      cmocka_unit_test(a_dump_of_a_32_bit_machine_has_its_facts_elsewhere),
      cmocka_unit_test(a_dump_that_ends_within_its_header_is_refused));
