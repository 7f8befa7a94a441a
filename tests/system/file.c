#include "system/file.h"

#include "portable/folder.h"
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct place {
	char folder[FOLDER_PATH], path[FOLDER_PATH + 64];
};

static const char *in(struct place *place, const char *name)
{
	snprintf(place->path, sizeof place->path, "%s/%s", place->folder, name);
	return place->path;
}

TEST(kinds_are_told_apart)
{
	struct place place;

	folder_make(place.folder);
	folder_write(in(&place, "plain"), "text");
	assert_int_equal(file_kind(place.path), FILE_PLAIN);
	assert_int_equal(file_kind_itself(place.path), FILE_PLAIN);
	assert_int_equal(file_kind(place.folder), FILE_FOLDER);
	assert_int_equal(file_kind("/dev/null"), FILE_NULL);
	errno = 0;
	assert_int_equal(file_kind(in(&place, "none")), FILE_NONE);
	assert_int_equal(errno, ENOENT);
	folder_remove(place.folder);
}

TEST(bytes_are_read_as_they_are)
{
	static const char text[] = "one\r\ntwo\n\x1a\xe7\xab\xaf\xe5\x8f\xa3";
	struct place place;
	char bytes[64];
	enum file_kind kind;
	int file;

	folder_make(place.folder);
	folder_write(in(&place, "text"), text);
	file = file_open(place.path, &kind);
	assert_true(file >= 0);
	assert_int_equal(kind, FILE_PLAIN);
	assert_int_equal(file_read(file, bytes, sizeof bytes), strlen(text));
	assert_memory_equal(bytes, text, strlen(text));
	assert_int_equal(file_read(file, bytes, sizeof bytes), 0);
	file_close(file);
	folder_remove(place.folder);
}

TEST(what_is_not_there_cannot_be_opened)
{
	struct place place;
	enum file_kind kind = FILE_PLAIN;

	folder_make(place.folder);
	errno = 0;
	assert_int_equal(file_open(in(&place, "none"), &kind), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(kind, FILE_NONE);
	folder_remove(place.folder);
}

TEST(names_of_a_folder_are_sorted_and_without_itself)
{
	struct file_names names;
	struct place place;

	folder_make(place.folder);
	folder_write(in(&place, "b"), "");
	folder_write(in(&place, "a.txt"), "");
	folder_add(in(&place, "c"));
	folder_write(in(&place, "\xe7\xab\xaf\xe5\x8f\xa3.txt"), "");
	assert_int_equal(file_names(&names, place.folder), 0);
	assert_int_equal(names.count, 4);
	assert_string_equal(names.items[0], "a.txt");
	assert_string_equal(names.items[1], "b");
	assert_string_equal(names.items[2], "c");
	assert_string_equal(names.items[3], "\xe7\xab\xaf\xe5\x8f\xa3.txt");
	file_names_free(&names);
	folder_remove(place.folder);
}

TEST(an_empty_folder_has_no_names)
{
	struct file_names names;
	struct place place;

	folder_make(place.folder);
	assert_int_equal(file_names(&names, place.folder), 0);
	assert_int_equal(names.count, 0);
	file_names_free(&names);
	folder_remove(place.folder);
}

TEST(a_folder_that_is_not_there_has_an_errno)
{
	struct file_names names;
	struct place place;

	folder_make(place.folder);
	errno = 0;
	assert_int_equal(file_names(&names, in(&place, "none")), -1);
	assert_int_equal(errno, ENOENT);
	folder_remove(place.folder);
}

/* Of Windows 260 characters are the limit of what does not take care. */
TEST(a_path_may_be_longer_than_260_characters)
{
	char path[FOLDER_PATH], folder[FOLDER_PATH];
	struct file_names names;
	enum file_kind kind;
	int file;

	folder_make(folder);
	strcpy(path, folder);
	while (strlen(path) < 600) {
		strcat(path, "/a-folder-whose-name-is-long-but-not-too-long");
		folder_add(path);
	}
	strcat(path, "/netstat.txt");
	folder_write(path, "here");
	assert_int_equal(file_kind(path), FILE_PLAIN);
	file = file_open(path, &kind);
	assert_true(file >= 0);
	assert_int_equal(kind, FILE_PLAIN);
	file_close(file);
	*strrchr(path, '/') = '\0';
	assert_int_equal(file_names(&names, path), 0);
	assert_int_equal(names.count, 1);
	assert_string_equal(names.items[0], "netstat.txt");
	file_names_free(&names);
	folder_remove(folder);
	assert_int_equal(file_kind(folder), FILE_NONE);
}

TEST(names_are_joined_as_whoever_wrote_the_path_does)
{
	assert_int_equal(file_separator("sent/today"), '/');
	assert_true(file_is_separator('/'));
	assert_false(file_is_separator(':'));
}

SUITE(file, cmocka_unit_test(names_are_joined_as_whoever_wrote_the_path_does),
      cmocka_unit_test(kinds_are_told_apart), cmocka_unit_test(bytes_are_read_as_they_are),
      cmocka_unit_test(what_is_not_there_cannot_be_opened),
      cmocka_unit_test(names_of_a_folder_are_sorted_and_without_itself),
      cmocka_unit_test(an_empty_folder_has_no_names),
      cmocka_unit_test(a_folder_that_is_not_there_has_an_errno),
      cmocka_unit_test(a_path_may_be_longer_than_260_characters));
