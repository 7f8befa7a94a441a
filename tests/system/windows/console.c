#include "system/windows/console.h"

#include "suite.h"

#include <string.h>

/* How many bytes are taken is the same where there is no console to show them. */
static size_t taken(const char *text, size_t size)
{
	return console_write(INVALID_HANDLE_VALUE, text, size);
}

TEST(whole_characters_are_taken)
{
	assert_int_equal(taken("abc", 3), 3);
	assert_int_equal(taken("\xc3\xbc", 2), 2);
	assert_int_equal(taken("\xe7\xab\xaf", 3), 3);
	assert_int_equal(taken("\xf0\x9f\x98\x80", 4), 4);
	assert_int_equal(taken("", 0), 0);
}

TEST(a_character_waits_for_its_rest)
{
	static const char *const characters[] = { "\xc3\xbc", "\xe7\xab\xaf",
						  "\xf0\x9f\x98\x80" };

	for (size_t i = 0; i < sizeof characters / sizeof characters[0]; i++)
		for (size_t cut = 1; cut < strlen(characters[i]); cut++) {
			char text[8] = "ab";

			strncat(text, characters[i], cut);
			assert_that(taken(text, strlen(text)) == 2, "%zu %zu", i, cut);
		}
}

/* Else they would be waited for, and what follows with them. */
TEST(bytes_that_begin_nothing_are_taken)
{
	assert_int_equal(taken("a\xff", 2), 2);
	assert_int_equal(taken("\x80\x80\x80\x80", 4), 4);
	assert_int_equal(taken("a\xe7\xab\xaf\xaf", 5), 5);
}

TEST(a_text_of_any_length_is_taken)
{
	static char text[100001];

	for (size_t i = 0; i + 3 < sizeof text; i += 3)
		memcpy(text + i, "\xe7\xab\xaf", 3);
	assert_int_equal(taken(text, 99999), 99999);
	assert_int_equal(taken(text, 99998), 99996);
}

SUITE(console, cmocka_unit_test(whole_characters_are_taken),
      cmocka_unit_test(a_character_waits_for_its_rest),
      cmocka_unit_test(bytes_that_begin_nothing_are_taken),
      cmocka_unit_test(a_text_of_any_length_is_taken), );
