#include "system/whole_file.h"

#include "holds.h"
#include "portable/folder.h"
#include "suite.h"
#include "system/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct place {
	char folder[FOLDER_PATH], path[FOLDER_PATH + 64];
};

static void make(struct place *place)
{
	folder_make(place->folder);
	snprintf(place->path, sizeof place->path, "%s/saved.json", place->folder);
}

static size_t names_in(const struct place *place)
{
	struct file_names names;
	size_t count;

	assert_int_equal(file_names(&names, place->folder), 0);
	count = names.count;
	file_names_free(&names);
	return count;
}

TEST(it_is_there_when_it_is_whole_and_not_before)
{
	struct whole_file file;
	struct place place;
	struct error error;

	make(&place);
	assert_int_equal(whole_file_open(&file, place.path, &error), 0);
	fputs("one\ntwo\n", file.out);
	assert_int_equal(file_kind(place.path), FILE_NONE);
	assert_int_equal(whole_file_finish(&file, &error), 0);
	assert_holds(place.path, "one\ntwo\n");
	assert_int_equal(names_in(&place), 1);
	folder_remove(place.folder);
}

TEST(it_is_never_written_over_another)
{
	struct whole_file file;
	struct place place;
	struct error error;

	make(&place);
	folder_write(place.path, "dear");
	assert_int_equal(whole_file_open(&file, place.path, &error), -1);
	assert_non_null(strstr(error.text, "exists; give the name of a new file"));
	assert_holds(place.path, "dear");
	folder_remove(place.folder);
}

TEST(nor_over_one_that_was_made_meanwhile)
{
	struct whole_file file;
	struct place place;
	struct error error;

	make(&place);
	assert_int_equal(whole_file_open(&file, place.path, &error), 0);
	fputs("mine", file.out);
	folder_write(place.path, "dear");
	assert_int_equal(whole_file_finish(&file, &error), -1);
	assert_non_null(strstr(error.text, "exists; give the name of a new file"));
	assert_holds(place.path, "dear");
	assert_int_equal(names_in(&place), 1);
	folder_remove(place.folder);
}

TEST(without_its_folder_it_cannot_be_made)
{
	struct whole_file file;
	struct place place;
	struct error error;
	char path[FOLDER_PATH + 128];

	make(&place);
	snprintf(path, sizeof path, "%s/none/saved.json", place.folder);
	assert_int_equal(whole_file_open(&file, path, &error), -1);
	assert_non_null(strstr(error.text, "cannot write to"));
	assert_non_null(strstr(error.text, "No such file or directory"));
	folder_remove(place.folder);
}

TEST(what_keeps_nothing_takes_everything)
{
	struct whole_file file;
	struct error error;

	assert_int_equal(whole_file_open(&file, "/dev/null", &error), 0);
	fputs("gone", file.out);
	assert_int_equal(whole_file_finish(&file, &error), 0);
}

TEST(of_what_failed_first_the_reason_is_told_and_nothing_is_left)
{
	struct whole_file file;
	struct place place;
	struct error error;

	make(&place);
	assert_int_equal(whole_file_open(&file, place.path, &error), 0);
	fputs("the disk was full, and has room again", file.out);
	file.broken = ENOSPC;
	assert_int_equal(whole_file_finish(&file, &error), -1);
	assert_non_null(strstr(error.text, "saved.json': No space left on device"));
	assert_int_equal(names_in(&place), 0);
	folder_remove(place.folder);
}

SUITE(whole_file, cmocka_unit_test(it_is_there_when_it_is_whole_and_not_before),
      cmocka_unit_test(it_is_never_written_over_another),
      cmocka_unit_test(nor_over_one_that_was_made_meanwhile),
      cmocka_unit_test(without_its_folder_it_cannot_be_made),
      cmocka_unit_test(what_keeps_nothing_takes_everything),
      cmocka_unit_test(of_what_failed_first_the_reason_is_told_and_nothing_is_left), );
