#include "system/line_file.h"

#include "holds.h"
#include "portable/folder.h"
#include "suite.h"

#include <string.h>

struct place {
	char folder[FOLDER_PATH], path[FOLDER_PATH + 64];
};

static void make(struct place *place)
{
	folder_make(place->folder);
	snprintf(place->path, sizeof place->path, "%s/lines.jsonl", place->folder);
}

TEST(lines_are_there_when_they_are_flushed)
{
	struct line_file file;
	struct place place;
	struct error error;

	make(&place);
	assert_int_equal(line_file_open(&file, place.path, &error), 0);
	assert_true(file.regular);
	fputs("{\"a\":1}\n", file.lines.out);
	assert_int_equal(line_file_flush(&file, &error), 0);
	assert_holds(place.path, "{\"a\":1}\n");
	fputs("{\"a\":2}\n{\"a\":3}\n", file.lines.out);
	assert_int_equal(line_file_flush(&file, &error), 0);
	assert_int_equal(file.good, 24);
	fputs("{\"a\":4}\n", file.lines.out);
	assert_int_equal(line_file_close(&file, &error), 0);
	assert_holds(place.path, "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n");
	folder_remove(place.folder);
}

TEST(a_shorter_text_after_a_longer_is_written_alone)
{
	struct line_file file;
	struct place place;
	struct error error;

	make(&place);
	assert_int_equal(line_file_open(&file, place.path, &error), 0);
	fputs("a line that is rather long\n", file.lines.out);
	assert_int_equal(line_file_flush(&file, &error), 0);
	fputs("b\n", file.lines.out);
	assert_int_equal(line_file_close(&file, &error), 0);
	assert_holds(place.path, "a line that is rather long\nb\n");
	folder_remove(place.folder);
}

TEST(a_file_with_something_in_it_is_refused)
{
	struct line_file file;
	struct place place;
	struct error error;

	make(&place);
	folder_write(place.path, "dear\n");
	assert_int_equal(line_file_open(&file, place.path, &error), -1);
	assert_non_null(strstr(error.text, "exists; give the name of a new file"));
	assert_holds(place.path, "dear\n");
	folder_remove(place.folder);
}

TEST(without_its_folder_it_cannot_be_made)
{
	struct line_file file;
	struct place place;
	struct error error;
	char path[FOLDER_PATH + 128];

	make(&place);
	snprintf(path, sizeof path, "%s/none/lines.jsonl", place.folder);
	assert_int_equal(line_file_open(&file, path, &error), -1);
	assert_non_null(strstr(error.text, "No such file or directory"));
	folder_remove(place.folder);
}

SUITE(line_file, cmocka_unit_test(lines_are_there_when_they_are_flushed),
      cmocka_unit_test(a_shorter_text_after_a_longer_is_written_alone),
      cmocka_unit_test(a_file_with_something_in_it_is_refused),
      cmocka_unit_test(without_its_folder_it_cannot_be_made), );
