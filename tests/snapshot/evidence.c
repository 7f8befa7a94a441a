#include "snapshot/evidence.h"

#include "suite.h"

static size_t folder_of(const char *first, const char *second)
{
	struct artefact artefacts[] = { { .file = first }, { .file = second } };
	const struct evidence_facts facts = { .artefacts = artefacts,
					      .artefact_count = second ? 2 : 1 };

	return evidence_folder(&facts);
}

TEST(files_of_one_folder_have_it_in_common)
{
	assert_int_equal(folder_of("sent/netstat.txt", "sent/netsh.txt"), 5);
	assert_int_equal(folder_of("sent/a/netstat.txt", "sent/b/netsh.txt"), 5);
	assert_int_equal(folder_of("netstat.txt", "netsh.txt"), 0);
	assert_int_equal(folder_of("sent/netstat.txt", NULL), 5);
}

/* As Windows writes it, whichever system reads it. */
TEST(a_backslash_ends_a_folder_too)
{
	assert_int_equal(folder_of("C:\\sent\\netstat.txt", "C:\\sent\\netsh.txt"), 8);
	assert_int_equal(folder_of("C:\\sent\\a.zip/b.txt", "C:\\sent\\a.zip/c.txt"), 14);
}

SUITE(evidence, cmocka_unit_test(files_of_one_folder_have_it_in_common),
      cmocka_unit_test(a_backslash_ends_a_folder_too));
