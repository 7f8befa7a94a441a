#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

#include "suite.h"

#include <string.h>

static void read_text(struct dossier *dossier, const char *name, const char *text)
{
	const struct artefact_input input = { .name = name,
					      .bytes = (const uint8_t *)text,
					      .size = strlen(text) };

	artefact_read(&input, dossier);
}

#define ROW "  TCP    10.0.0.5:50000    10.0.9.1:443    ESTABLISHED    812\n"
#define ROWS ROW ROW ROW ROW ROW ROW ROW ROW
#define LISTING ROWS ROWS ROWS ROWS ROWS ROWS ROWS ROWS ROWS ROWS

TEST(a_file_that_comes_twice_counts_once)
{
	struct snapshot snapshot = { 0 };
	struct dossier dossier;

	dossier_init(&dossier, &snapshot);
	read_text(&dossier, "a.txt", LISTING);
	read_text(&dossier, "b.txt", LISTING);
	assert_int_equal(snapshot.evidence.artefact_count, 2);
	assert_null(snapshot.evidence.artefacts[0].why_not);
	assert_non_null(strstr(snapshot.evidence.artefacts[1].why_not, "a.txt"));
	dossier_free(&dossier);
	snapshot_free(&snapshot);
}

TEST(a_file_that_differs_in_its_last_byte_is_no_copy)
{
	struct snapshot snapshot = { 0 };
	struct dossier dossier;

	dossier_init(&dossier, &snapshot);
	read_text(&dossier, "a.txt", LISTING "x");
	read_text(&dossier, "b.txt", LISTING "y");
	read_text(&dossier, "c.txt", LISTING);
	assert_int_equal(snapshot.evidence.artefact_count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_null(snapshot.evidence.artefacts[i].why_not);
	dossier_free(&dossier);
	snapshot_free(&snapshot);
}

TEST(small_files_may_say_the_same)
{
	struct snapshot snapshot = { 0 };
	struct dossier dossier;

	dossier_init(&dossier, &snapshot);
	read_text(&dossier, "a.txt", ROW);
	read_text(&dossier, "b.txt", ROW);
	assert_null(snapshot.evidence.artefacts[0].why_not);
	assert_null(snapshot.evidence.artefacts[1].why_not);
	dossier_free(&dossier);
	snapshot_free(&snapshot);
}

SUITE(copies, cmocka_unit_test(small_files_may_say_the_same),
      cmocka_unit_test(a_file_that_comes_twice_counts_once),
      cmocka_unit_test(a_file_that_differs_in_its_last_byte_is_no_copy));
