#include "system/file_out.h"

#include "holds.h"
#include "portable/folder.h"
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct place {
	char folder[FOLDER_PATH], path[FOLDER_PATH + 16];
};

static int make(struct place *place, const char *text)
{
	int file;

	folder_make(place->folder);
	snprintf(place->path, sizeof place->path, "%s/out", place->folder);
	file = file_create(place->path);
	assert_true(file >= 0);
	assert_int_equal(file_write(file, text, strlen(text)), strlen(text));
	return file;
}

TEST(what_is_written_is_there_byte_by_byte)
{
	struct place place;
	int file = make(&place, "one\ntwo\r\n\x1a");

	assert_int_equal(file_kind_of(file), FILE_PLAIN);
	assert_int_equal(file_size(file), 10);
	assert_int_equal(file_sync(file), 0);
	assert_int_equal(file_close(file), 0);
	assert_holds(place.path, "one\ntwo\r\n\x1a");
	folder_remove(place.folder);
}

TEST(what_is_there_is_not_made_anew)
{
	struct place place;

	file_close(make(&place, "dear"));
	errno = 0;
	assert_int_equal(file_create(place.path), -1);
	assert_int_equal(errno, EEXIST);
	assert_holds(place.path, "dear");
	folder_remove(place.folder);
}

TEST(a_file_can_be_cut_and_goes_on_there)
{
	struct place place;
	int file = make(&place, "one\ntw");

	assert_int_equal(file_cut(file, 4), 0);
	assert_int_equal(file_size(file), 4);
	assert_int_equal(file_close(file), 0);
	assert_holds(place.path, "one\n");
	folder_remove(place.folder);
}

TEST(what_cannot_be_written_says_why)
{
	enum file_kind kind;
	struct place place;
	int file;

	file_close(make(&place, "one"));
	file = file_open(place.path, &kind);
	errno = 0;
	assert_int_equal(file_write(file, "two", 3), 0);
	assert_int_equal(errno, EBADF);
	file_close(file);
	folder_remove(place.folder);
}

TEST(the_device_that_keeps_nothing_is_there_already)
{
	enum file_kind kind = FILE_PLAIN;
	int file;

	errno = 0;
	assert_int_equal(file_create("/dev/null"), -1);
	assert_int_equal(errno, EEXIST);
	file = file_open_out("/dev/null", &kind);
	assert_true(file >= 0);
	assert_int_not_equal(kind, FILE_PLAIN);
	assert_int_equal(file_write(file, "gone", 4), 4);
	assert_int_equal(file_close(file), 0);
}

TEST(a_stream_ends_its_file)
{
	struct place place;
	FILE *stream = file_stream(make(&place, ""));

	fputs("one\n", stream);
	assert_int_equal(fclose(stream), 0);
	assert_holds(place.path, "one\n");
	folder_remove(place.folder);
}

SUITE(file_out, cmocka_unit_test(what_is_written_is_there_byte_by_byte),
      cmocka_unit_test(what_is_there_is_not_made_anew),
      cmocka_unit_test(a_file_can_be_cut_and_goes_on_there),
      cmocka_unit_test(what_cannot_be_written_says_why),
      cmocka_unit_test(the_device_that_keeps_nothing_is_there_already),
      cmocka_unit_test(a_stream_ends_its_file), );
