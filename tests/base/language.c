#include "base/language.h"

#include "suite.h"

#include <errno.h>
#include <string.h>

/* What the environment asks for. */
static const char *chosen(struct language_environment environment)
{
	language_from_environment(&environment);
	return language_name();
}

#define asks(...) chosen((struct language_environment){ __VA_ARGS__ })

static int end(void **fixture)
{
	(void)fixture;
	language_english();
	return 0;
}

TEST(nothing_said_is_english)
{
	assert_string_equal(asks(.lang = NULL), "en");
	assert_string_equal(asks(.lc_all = "", .lang = ""), "en");
}

TEST(the_locale_names_the_language)
{
	assert_string_equal(asks(.lang = "zh_CN.UTF-8"), "zh_CN");
	assert_string_equal(asks(.lang = "zh_CN.utf8"), "zh_CN");
	assert_string_equal(asks(.lang = "zh_SG.UTF-8"), "zh_CN");
	assert_string_equal(asks(.lang = "zh_CN.UTF-8@pinyin"), "zh_CN");
	assert_string_equal(asks(.lang = "de_DE.UTF-8"), "en");
}

TEST(lc_all_goes_before_lc_messages_before_lang)
{
	assert_string_equal(asks(.lc_all = "en_US.UTF-8", .lc_messages = "zh_CN.UTF-8",
				 .lang = "zh_CN.UTF-8"),
			    "en");
	assert_string_equal(asks(.lc_messages = "zh_CN.UTF-8", .lang = "en_US.UTF-8"),
			    "zh_CN");
	assert_string_equal(asks(.lc_all = "", .lc_messages = "zh_CN.UTF-8"), "zh_CN");
}

TEST(the_locale_c_silences_language)
{
	assert_string_equal(asks(.language = "zh_CN", .lc_all = "C"), "en");
	assert_string_equal(asks(.language = "zh_CN", .lc_all = "POSIX"), "en");
	assert_string_equal(asks(.language = "zh_CN"), "en");
}

TEST(c_utf_8_has_characters_and_language_chooses)
{
	assert_string_equal(asks(.language = "zh_CN", .lc_all = "C.UTF-8"), "zh_CN");
	assert_string_equal(asks(.lc_all = "C.UTF-8"), "en");
}

TEST(the_first_language_of_the_list_that_is_spoken_counts)
{
	assert_string_equal(asks(.language = "fr:zh_CN:en", .lang = "en_US.UTF-8"), "zh_CN");
	assert_string_equal(asks(.language = "fr:en:zh_CN", .lang = "en_US.UTF-8"), "en");
	assert_string_equal(asks(.language = "en", .lang = "zh_CN.UTF-8"), "en");
	assert_string_equal(asks(.language = "fr", .lang = "zh_CN.UTF-8"), "zh_CN");
	assert_string_equal(asks(.language = "::zh_CN", .lang = "en_US.UTF-8"), "zh_CN");
}

TEST(traditional_chinese_is_not_guessed)
{
	assert_string_equal(asks(.lang = "zh_TW.UTF-8"), "en");
	assert_string_equal(asks(.lang = "zh_HK.UTF-8"), "en");
	assert_string_equal(asks(.language = "zh_TW:zh_CN", .lang = "zh_TW.UTF-8"), "zh_CN");
}

TEST(a_terminal_without_utf_8_gets_english)
{
	assert_string_equal(asks(.lang = "zh_CN.GBK"), "en");
	assert_string_equal(asks(.lang = "zh_CN.GB18030"), "en");
	assert_string_equal(asks(.lang = "zh_CN"), "en");
	assert_string_equal(asks(.language = "zh_CN", .lang = "zh_CN.GBK"), "en");
}

TEST(the_option_takes_the_names_people_write)
{
	static const char *const chinese[] = { "zh", "zh_CN", "zh-CN", "zh_Hans",
					       "zh_CN.UTF-8" };
	static const char *const english[] = { "en", "en_US", "en_GB.UTF-8", "C" };
	static const char *const refused[] = { "zh_TW", "fr", "", "zh_CN.GBK", "english?" };
	struct error error;

	for (size_t i = 0; i < sizeof chinese / sizeof chinese[0]; i++) {
		assert_that(!language_select(chinese[i], &error), "%s", chinese[i]);
		assert_string_equal(language_name(), "zh_CN");
	}
	for (size_t i = 0; i < sizeof english / sizeof english[0]; i++) {
		assert_that(!language_select(english[i], &error), "%s", english[i]);
		assert_string_equal(language_name(), "en");
	}
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		assert_that(language_select(refused[i], &error), "%s", refused[i]);
		assert_non_null(strstr(error.text, refused[i]));
	}
}

TEST(english_chooses_the_plural_by_the_number)
{
	language_english();
	assert_string_equal(language_plural("%u port", "%u ports", 1), "%u port");
	assert_string_equal(language_plural("%u port", "%u ports", 0), "%u ports");
	assert_string_equal(language_plural("%u port", "%u ports", 2), "%u ports");
}

TEST(what_no_catalogue_has_stays_english)
{
	struct error error;

	assert_int_equal(language_select("zh_CN", &error), 0);
	assert_string_equal(language_text("no such text"), "no such text");
	assert_string_equal(language_text(""), "");
	assert_string_equal(language_plural("%u such", "%u suches", 2), "%u suches");
}

TEST(an_errno_has_a_text)
{
	language_english();
	assert_string_equal(language_errno(EACCES), "Permission denied");
}

TEST(a_locale_says_whether_it_writes_utf_8)
{
	assert_true(language_locale_is_utf8("C.UTF-8"));
	assert_true(language_locale_is_utf8("de_DE.utf8"));
	assert_false(language_locale_is_utf8("C"));
	assert_false(language_locale_is_utf8("zh_CN"));
	assert_false(language_locale_is_utf8("zh_CN.GBK"));
}

SUITE(language, cmocka_unit_test_teardown(nothing_said_is_english, end),
      cmocka_unit_test_teardown(the_locale_names_the_language, end),
      cmocka_unit_test_teardown(lc_all_goes_before_lc_messages_before_lang, end),
      cmocka_unit_test_teardown(the_locale_c_silences_language, end),
      cmocka_unit_test_teardown(c_utf_8_has_characters_and_language_chooses, end),
      cmocka_unit_test_teardown(the_first_language_of_the_list_that_is_spoken_counts, end),
      cmocka_unit_test_teardown(traditional_chinese_is_not_guessed, end),
      cmocka_unit_test_teardown(a_terminal_without_utf_8_gets_english, end),
      cmocka_unit_test_teardown(the_option_takes_the_names_people_write, end),
      cmocka_unit_test_teardown(english_chooses_the_plural_by_the_number, end),
      cmocka_unit_test_teardown(what_no_catalogue_has_stays_english, end),
      cmocka_unit_test_teardown(an_errno_has_a_text, end),
      cmocka_unit_test_teardown(a_locale_says_whether_it_writes_utf_8, end));
