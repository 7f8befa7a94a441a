#include "base/error.h"
#include "base/text.h"

#include "suite.h"

#include <string.h>

TEST(setting_an_error_returns_minus_one_and_writes_the_sentence)
{
	struct error error;

	assert_int_equal(error_set(&error, "%s, line %d: not a socket", "/proc/net/tcp", 7),
			 -1);
	assert_string_equal(error.text, "/proc/net/tcp, line 7: not a socket");
}

/* Whatever a user gave in the middle, the reason stands at the end. */
TEST(a_sentence_that_is_too_long_keeps_its_beginning_and_its_end)
{
	struct error error;
	char text[20 * sizeof error.text];

	memset(text, 'x', sizeof text);
	text[sizeof error.text] = '\0';
	error_set(&error, "cannot read %s: no such file", text);
	assert_true(strlen(error.text) < sizeof error.text);
	assert_memory_equal(error.text, "cannot read xxx", strlen("cannot read xxx"));
	assert_non_null(strstr(error.text, "xxx...xxx"));
	assert_string_equal(error.text + strlen(error.text) - strlen(": no such file"),
			    ": no such file");
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	error_set(&error, "%s", text);
	assert_true(strlen(error.text) < sizeof error.text);
}

TEST(no_character_is_cut_in_two)
{
	struct error error;
	char text[1000] = "";

	for (int i = 0; i < 300; i++)
		strcat(text, "\xe4\xb8\xad");
	error_set(&error, "%s", text);
	for (const char *at = error.text; *at;) {
		size_t length = text_utf8_length(at);

		assert_int_not_equal(length, 0);
		at += length;
	}
}

SUITE(error, cmocka_unit_test(setting_an_error_returns_minus_one_and_writes_the_sentence),
      cmocka_unit_test(a_sentence_that_is_too_long_keeps_its_beginning_and_its_end),
      cmocka_unit_test(no_character_is_cut_in_two));
