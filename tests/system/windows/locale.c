#include "system/locale.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>

static const char *with(const char *name, const char *value)
{
	_putenv_s(name, value);
	return locale_variable(name);
}

TEST(a_variable_that_is_set_counts)
{
	assert_string_equal(with("LANG", "zh_CN.UTF-8"), "zh_CN.UTF-8");
	assert_string_equal(with("LC_ALL", "C"), "C");
	assert_string_equal(with("LANGUAGE", "zh_CN:en"), "zh_CN:en");
	with("LANG", "");
	with("LC_ALL", "");
	with("LANGUAGE", "");
}

TEST(a_locale_without_a_codeset_has_utf_8)
{
	assert_string_equal(with("LANG", "zh_CN"), "zh_CN.UTF-8");
	assert_string_equal(with("LC_MESSAGES", "de_DE"), "de_DE.UTF-8");
	assert_string_equal(with("LANG", "zh_CN.GB2312"), "zh_CN.GB2312");
	assert_string_equal(with("LANG", "POSIX"), "POSIX");
	with("LANG", "");
	with("LC_MESSAGES", "");
}

/* That of Wine is whatever it took from the environment that it was started in. */
TEST(without_variables_the_system_names_a_language)
{
	const char *locale = with("LANG", "");

	assert_non_null(locale);
	assert_true(locale[0] >= 'a' && locale[0] <= 'z');
	assert_int_equal(locale[2], '_'); /* "en_US": Windows writes "en-US" */
	assert_non_null(strstr(locale, ".UTF-8"));
	assert_null(with("LC_ALL", ""));
}

SUITE(locale, cmocka_unit_test(a_variable_that_is_set_counts),
      cmocka_unit_test(a_locale_without_a_codeset_has_utf_8),
      cmocka_unit_test(without_variables_the_system_names_a_language), );
