#include "source/evidence/container.h"

#include "suite.h"

#include <stdio.h>
#include <string.h>

static enum container of_text(const char *text, size_t size)
{
	return container_of_bytes((const uint8_t *)text, size);
}

TEST(archives_are_known_by_their_first_bytes)
{
	assert_int_equal(of_text("PK\3\4xx", 6), CONTAINER_ARCHIVE);
	assert_int_equal(of_text("PK\5\6", 4), CONTAINER_ARCHIVE);
	assert_int_equal(of_text("\x1f\x8b\x08\0", 4), CONTAINER_ARCHIVE);
	assert_int_equal(of_text("BZh91AY&SY", 10), CONTAINER_ARCHIVE);
	assert_int_equal(of_text("\xfd"
				 "7zXZ\0",
				 6),
			 CONTAINER_ARCHIVE);
	assert_int_equal(of_text("MSCF\0\0\0\0", 8), CONTAINER_ARCHIVE);
	assert_int_equal(of_text("ElfFile\0", 8), CONTAINER_EVTX);
}

TEST(text_is_none)
{
	static const char *const texts[] = {
		"",	   "P",		"PK", "PKI report",	     "BZh9 is bzip2",
		"ElfFile", "MSCF file", "7z", "  TCP    0.0.0.0:135"
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_that(of_text(texts[i], strlen(texts[i])) == CONTAINER_NONE, "%s",
			    texts[i]);
}

/* The sum makes it an archive, whatever the magic is. */
TEST(a_tar_is_known_by_the_sum_of_its_head)
{
	uint8_t head[512] = "dir/netstat.txt";
	unsigned sum = 8 * ' ';

	for (size_t i = 0; i < sizeof head; i++)
		sum += head[i];
	snprintf((char *)head + 148, 8, "%06o", sum);
	assert_int_equal(container_of_bytes(head, sizeof head), CONTAINER_ARCHIVE);
	assert_int_equal(container_of_bytes(head, sizeof head - 1), CONTAINER_NONE);
	head[0]++;
	assert_int_equal(container_of_bytes(head, sizeof head), CONTAINER_NONE);
	memset(head, 0, sizeof head);
	assert_int_equal(container_of_bytes(head, sizeof head), CONTAINER_NONE);
}

SUITE(container, cmocka_unit_test(archives_are_known_by_their_first_bytes),
      cmocka_unit_test(text_is_none), cmocka_unit_test(a_tar_is_known_by_the_sum_of_its_head));
