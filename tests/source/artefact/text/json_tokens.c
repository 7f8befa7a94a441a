#include "source/artefact/text/json_tokens.h"

#include "suite.h"

#include <string.h>

static struct json_tokens taken_apart(const char *text)
{
	struct json_tokens tokens;
	struct error error;

	assert_that(!json_tokens_make(&tokens, text, strlen(text), &error), "%s", text);
	return tokens;
}

static void assert_no_document(const char *text, size_t size, const char *why)
{
	struct json_tokens tokens;
	struct error error;

	assert_int_equal(json_tokens_make(&tokens, text, size, &error), -1);
	assert_that(strstr(error.text, why), "%s: %s", text, error.text);
	json_tokens_free(&tokens);
}

TEST(what_is_no_document_is_told_apart_from_what_was_cut_off)
{
	assert_no_document("", 0, "not JSON");
	assert_no_document("Active", 6, "not JSON");
	assert_no_document("nets", 4, "cut off"); /* as null does */
	assert_no_document("{\"a\": [1, 2", 11, "cut off");
	assert_no_document("{\"a\": \"b", 8, "cut off");
	assert_no_document("{\"a\": 1]", 8, "not JSON");
}

TEST(a_value_is_found_by_its_key_wherever_it_stands)
{
	struct json_tokens tokens = taken_apart(
		"{\"one\": {\"two\": 2}, \"list\": [[1], {\"two\": 3}], \"two\": 4}");
	size_t two = json_find(&tokens, 0, "two", 0), list = json_find(&tokens, 0, "list", 0);
	int64_t number;

	assert_true(json_take_number(&tokens, two, 0, 9, &number));
	assert_int_equal(number, 4);
	assert_int_equal(json_kind_of(&tokens, list), JSON_ARRAY);
	assert_int_equal(json_size_of(&tokens, list), 2);
	assert_int_equal(json_behind(&tokens, list), two - 1);
	/* A hint that is right, one that is wrong, and one behind the end. */
	assert_int_equal(json_find(&tokens, 0, "two", two - 1), two);
	assert_int_equal(json_find(&tokens, 0, "two", 1), two);
	assert_int_equal(json_find(&tokens, 0, "two", 1000), two);
	assert_int_equal(json_find(&tokens, 0, "three", 0), 0);
	assert_int_equal(json_find(&tokens, list, "two", 0), 0);
	json_tokens_free(&tokens);
}

TEST(text_is_read_without_its_escapes)
{
	static const struct {
		const char *json, *text;
	} cases[] = {
		{ "\"plain\"", "plain" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
		{ "\"\\u0041\\u00e9\\u20AC\"", "A\u00e9\u20ac" },
		{ "\"\\ud83d\\ude00\"", "\U0001f600" },
		{ "\"\\ud83d\"", "\ufffd" },
		{ "\"\\ude00\\ud83d\"", "\ufffd\ufffd" },
		{ "\"\\ud83d\\u0041\"", "\ufffdA" },
		{ "\"\\u0000x\"", "\ufffdx" },
		{ "\"\"", "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct json_tokens tokens = taken_apart(cases[i].json);
		struct arena arena = { 0 };

		assert_string_equal(json_copy(&tokens, 0, &arena), cases[i].text);
		arena_free(&arena);
		json_tokens_free(&tokens);
	}
}

TEST(what_is_no_text_is_none)
{
	struct json_tokens tokens = taken_apart("[1, null, true, {}]");
	struct arena arena = { 0 };

	for (size_t at = 0; at < tokens.count; at++)
		assert_null(json_copy(&tokens, at, &arena));
	arena_free(&arena);
	json_tokens_free(&tokens);
}

TEST(numbers_have_bounds)
{
	static const struct {
		const char *json;
		bool taken;
		int64_t number;
	} cases[] = {
		{ "[0]", true, 0 },
		{ "[-5]", true, -5 },
		{ "[65535]", true, 65535 },
		{ "[65536]", false },
		{ "[-6]", false },
		{ "[1.5]", false },
		{ "[1e3]", false },
		{ "[\"1\"]", false },
		{ "[true]", false },
		{ "[99999999999999999999]", false },
		{ "[1000000000000000000000000000000000000000000000]", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct json_tokens tokens = taken_apart(cases[i].json);
		int64_t number = 77;

		assert_that(json_take_number(&tokens, 1, -5, 65535, &number) == cases[i].taken,
			    "%s", cases[i].json);
		assert_int_equal(number, cases[i].taken ? cases[i].number : 77);
		json_tokens_free(&tokens);
	}
}

TEST(the_greatest_number_is_one)
{
	struct json_tokens tokens = taken_apart("[9223372036854775807]");
	int64_t number;

	assert_true(json_take_number(&tokens, 1, 0, INT64_MAX, &number));
	assert_true(number == INT64_MAX);
	json_tokens_free(&tokens);
}

TEST(ratios_words_and_null)
{
	struct json_tokens tokens = taken_apart("[1.25, -1, 1e300, true, false, null, trap]");
	double ratio = 0;
	bool word = false;

	assert_true(json_take_ratio(&tokens, 1, &ratio) && ratio == 1.25);
	assert_false(json_take_ratio(&tokens, 2, &ratio));
	assert_false(json_take_ratio(&tokens, 3, &ratio));
	assert_true(json_take_bool(&tokens, 4, &word) && word);
	assert_true(json_take_bool(&tokens, 5, &word) && !word);
	assert_false(json_take_bool(&tokens, 6, &word));
	assert_true(json_is_null(&tokens, 6));
	assert_false(json_take_bool(&tokens, 7, &word));
	json_tokens_free(&tokens);
}

SUITE(json_tokens, cmocka_unit_test(what_is_no_document_is_told_apart_from_what_was_cut_off),
      cmocka_unit_test(a_value_is_found_by_its_key_wherever_it_stands),
      cmocka_unit_test(text_is_read_without_its_escapes),
      cmocka_unit_test(what_is_no_text_is_none), cmocka_unit_test(numbers_have_bounds),
      cmocka_unit_test(the_greatest_number_is_one), cmocka_unit_test(ratios_words_and_null));
