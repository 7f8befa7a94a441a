#include "base/json.h"

#include "portable/folder.h"
#include "suite.h"
#include "system/memory_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A writer into memory; written() ends it and gives what it wrote, for the caller to free. */
struct writer {
	struct json json;
	struct memory_file file;
};

static struct json *start(struct writer *writer, bool pretty)
{
	*writer = (struct writer){ 0 };
	memory_file_open(&writer->file);
	writer->json.out = writer->file.out;
	writer->json.pretty = pretty;
	return &writer->json;
}

static void assert_written(struct writer *writer, const char *expected)
{
	memory_file_flush(&writer->file);
	assert_string_equal(writer->file.text, expected);
	memory_file_close(&writer->file);
}

TEST(commas_stand_between_values_and_nowhere_else)
{
	struct writer writer;
	struct json *json = start(&writer, false);

	json_object(json, NULL);
	json_number(json, "a", 1);
	json_array(json, "list");
	json_number(json, NULL, 1);
	json_number(json, NULL, -2);
	json_end_array(json);
	json_object(json, "empty");
	json_end_object(json);
	json_array(json, "none");
	json_end_array(json);
	json_bool(json, "yes", true);
	json_bool(json, "no", false);
	json_null(json, "nothing");
	json_end_object(json);
	assert_written(&writer,
		       "{\"a\":1,\"list\":[1,-2],\"empty\":{},\"none\":[],\"yes\":true,"
		       "\"no\":false,\"nothing\":null}\n");
}

TEST(pretty_output_has_one_key_a_line_and_rows_on_one)
{
	struct writer writer;
	struct json *json = start(&writer, true);

	json_object(json, NULL);
	json_text(json, "name", "web");
	json_array(json, "rows");
	json_row(json, NULL);
	json_number(json, "a", 1);
	json_array(json, "b");
	json_number(json, NULL, 2);
	json_number(json, NULL, 3);
	json_end_array(json);
	json_end_object(json);
	json_row(json, NULL);
	json_end_object(json);
	json_end_array(json);
	json_array(json, "empty");
	json_end_array(json);
	json_end_object(json);
	assert_written(&writer, "{\n"
				"  \"name\": \"web\",\n"
				"  \"rows\": [\n"
				"    {\"a\": 1, \"b\": [2, 3]},\n"
				"    {}\n"
				"  ],\n"
				"  \"empty\": []\n"
				"}\n");
}

static void assert_string(const char *text, const char *expected)
{
	struct writer writer;
	struct json *json = start(&writer, false);

	json_array(json, NULL);
	json_text(json, NULL, text);
	json_end_array(json);
	assert_written(&writer, expected);
}

TEST(quotes_backslashes_and_control_characters_are_escaped)
{
	assert_string("say \"hi\" \\ bye", "[\"say \\\"hi\\\" \\\\ bye\"]\n");
	assert_string("a\nb\tc\x01\x1f", "[\"a\\u000ab\\u0009c\\u0001\\u001f\"]\n");
	assert_string("\x7f", "[\"\\u007f\"]\n");
	assert_string("", "[\"\"]\n");
	assert_string("a/b", "[\"a/b\"]\n");
}

TEST(valid_utf8_is_written_as_it_is)
{
	assert_string("Z\xc3\xbcrich \xf0\x9f\x98\x80",
		      "[\"Z\xc3\xbcrich \xf0\x9f\x98\x80\"]\n");
}

TEST(each_byte_that_is_not_utf8_becomes_the_replacement_character)
{
	assert_string("a\xff"
		      "b",
		      "[\"a\\ufffdb\"]\n");
	assert_string("\xed\xa0\x80", "[\"\\ufffd\\ufffd\\ufffd\"]\n");
	assert_string("cut \xe2\x82", "[\"cut \\ufffd\\ufffd\"]\n");
}

TEST(keys_are_escaped_as_text_is)
{
	struct writer writer;
	struct json *json = start(&writer, false);

	json_object(json, NULL);
	json_number(json, "a\"b\xff", 1);
	json_end_object(json);
	assert_written(&writer, "{\"a\\\"b\\ufffd\":1}\n");
}

TEST(no_text_and_unknown_numbers_are_null)
{
	struct writer writer;
	struct json *json = start(&writer, false);

	json_array(json, NULL);
	json_text(json, NULL, NULL);
	json_known(json, NULL, -1);
	json_known(json, NULL, 0);
	json_number(json, NULL, -1);
	json_end_array(json);
	assert_written(&writer, "[null,null,0,-1]\n");
}

TEST(the_largest_numbers_are_written_whole)
{
	struct writer writer;
	struct json *json = start(&writer, false);

	json_array(json, NULL);
	json_number(json, NULL, INT64_MAX);
	json_number(json, NULL, INT64_MIN);
	json_end_array(json);
	assert_written(&writer, "[9223372036854775807,-9223372036854775808]\n");
}

TEST(a_ratio_has_four_digits_and_is_rounded)
{
	struct writer writer;
	struct json *json = start(&writer, false);

	json_array(json, NULL);
	json_ratio(json, NULL, 0);
	json_ratio(json, NULL, 0.12344);
	json_ratio(json, NULL, 0.12346);
	json_ratio(json, NULL, 0.99999);
	json_ratio(json, NULL, -1.5);
	json_ratio(json, NULL, -0.00001);
	json_end_array(json);
	assert_written(&writer, "[0.0000,0.1234,0.1235,1.0000,-1.5000,0.0000]\n");
}

TEST(brackets_may_stand_ten_deep)
{
	enum { DEPTH = 10 };
	struct writer writer;
	struct json *json = start(&writer, false);

	for (int i = 0; i < DEPTH; i++)
		json_array(json, NULL);
	json_number(json, NULL, 1);
	for (int i = 0; i < DEPTH; i++)
		json_end_array(json);
	assert_written(&writer, "[[[[[[[[[[1]]]]]]]]]]\n");
}

TEST(the_next_document_starts_on_its_own_line)
{
	struct writer writer;
	struct json *json = start(&writer, false);

	for (int i = 0; i < 2; i++) {
		json_object(json, NULL);
		json_number(json, "n", i);
		json_end_object(json);
	}
	assert_written(&writer, "{\"n\":0}\n{\"n\":1}\n");
}

/* A stream that only reads takes nothing. */
TEST(why_the_first_value_could_not_be_written_is_known)
{
	char folder[FOLDER_PATH], path[FOLDER_PATH + 16];
	struct json json = { 0 };

	folder_make(folder);
	snprintf(path, sizeof path, "%s/read", folder);
	folder_write(path, "");
	json.out = fopen(path, "rb");
	assert_non_null(json.out);
	json_text(&json, NULL, "lost");
	assert_int_equal(json.failed, EBADF);
	errno = ENOENT; /* as whatever comes next may */
	json_text(&json, NULL, "lost, too");
	assert_int_equal(json.failed, EBADF);
	fclose(json.out);
	folder_remove(folder);
}

SUITE(json, cmocka_unit_test(commas_stand_between_values_and_nowhere_else),
      cmocka_unit_test(pretty_output_has_one_key_a_line_and_rows_on_one),
      cmocka_unit_test(quotes_backslashes_and_control_characters_are_escaped),
      cmocka_unit_test(valid_utf8_is_written_as_it_is),
      cmocka_unit_test(each_byte_that_is_not_utf8_becomes_the_replacement_character),
      cmocka_unit_test(keys_are_escaped_as_text_is),
      cmocka_unit_test(no_text_and_unknown_numbers_are_null),
      cmocka_unit_test(the_largest_numbers_are_written_whole),
      cmocka_unit_test(a_ratio_has_four_digits_and_is_rounded),
      cmocka_unit_test(brackets_may_stand_ten_deep),
      cmocka_unit_test(the_next_document_starts_on_its_own_line),
      cmocka_unit_test(why_the_first_value_could_not_be_written_is_known), );
