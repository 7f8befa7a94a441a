#include "base/error.h"

#include "suite.h"

#include <string.h>

TEST(setting_an_error_returns_minus_one_and_writes_the_sentence)
{
	struct error error;

	assert_int_equal(error_set(&error, "%s, line %d: not a socket", "/proc/net/tcp", 7),
			 -1);
	assert_string_equal(error.text, "/proc/net/tcp, line 7: not a socket");
}

TEST(a_sentence_that_is_too_long_is_cut_and_ended)
{
	struct error error;
	char text[2 * sizeof error.text];

	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	error_set(&error, "%s", text);
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

SUITE(error, cmocka_unit_test(setting_an_error_returns_minus_one_and_writes_the_sentence),
      cmocka_unit_test(a_sentence_that_is_too_long_is_cut_and_ended), );
