#include "suite.h"

#include "base/error.h"
#include "base/language.h"
#include "diagnosis/rule.h"

#include <string.h>

/*
 * Every rule has its page in every language, and a translation says the same: the headings, the
 * items, and whatever a reader would type or look for (code) are those of the English page.
 */
static const char *page_in(const char *language, const struct rule *rule)
{
	struct error error;

	assert_int_equal(language_select(language, &error), 0);
	return rule_page(rule);
}

static int back_to_english(void **fixture)
{
	(void)fixture;
	language_english();
	return 0;
}

/* What a line begins: '#' a heading, '*' an item, '1' a numbered item, '|' a row, 0 nothing. */
static char beginning(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	if (*line == '#' || !strncmp(line, "**", 2))
		return '#';
	if (!strncmp(line, "* ", 2))
		return '*';
	if (*line == '|')
		return '|';
	return digits && !strncmp(line + digits, ". ", 2) ? '1' : '\0';
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

/* Of the whole page, as in "###***#11**". */
static void shape(const char *page, char *into, size_t size)
{
	size_t length = 0;

	for (; *page; page = next_line(page)) {
		char begins = beginning(page);

		if (begins && length + 1 < size)
			into[length++] = begins;
	}
	into[length] = '\0';
}

struct code {
	const char *text;
	size_t length;
};

/* The code that ends before `*at`, which is moved; false: no more. It is between backticks, or a
 * line that is indented by six columns or more. */
static bool next_code(const char **at, struct code *code)
{
	enum { INDENTED = 6 };

	for (; **at; (*at)++) {
		size_t blanks = strspn(*at, " ");

		if (blanks >= INDENTED) {
			*at += blanks;
			*code = (struct code){ *at, strcspn(*at, "\n") };
			*at += code->length;
			return true;
		}
		if (**at == '`') {
			*code = (struct code){ *at + 1, strcspn(*at + 1, "`\n") };
			assert_that(code->text[code->length] == '`',
				    "a line ends in code: %.60s", code->text);
			*at += code->length + 2;
			return true;
		}
	}
	return false;
}

static bool has_code(const char *page, const struct code *wanted)
{
	struct code code;

	while (next_code(&page, &code))
		if (code.length == wanted->length &&
		    !memcmp(code.text, wanted->text, code.length))
			return true;
	return false;
}

static void check_code(const struct rule *rule, const char *page, const char *other)
{
	struct code code;

	while (next_code(&page, &code))
		assert_that(has_code(other, &code), "%s: only one language has `%.*s`",
			    rule->id, (int)code.length, code.text);
}

TEST(every_rule_has_a_page_in_every_language)
{
	for (const struct rule *const *rule = rules; *rule; rule++) {
		const char *english = page_in("en", *rule), *chinese = page_in("zh_CN", *rule);

		assert_that(english, "%s", (*rule)->id);
		assert_that(chinese && chinese != english, "%s has no Chinese page",
			    (*rule)->id);
	}
}

TEST(a_translated_page_has_the_headings_and_items_of_the_english_one)
{
	for (const struct rule *const *rule = rules; *rule; rule++) {
		char english[256], chinese[256];

		shape(page_in("en", *rule), english, sizeof english);
		shape(page_in("zh_CN", *rule), chinese, sizeof chinese);
		assert_that(!strcmp(english, chinese), "%s: %s, Chinese %s", (*rule)->id,
			    english, chinese);
	}
}

TEST(a_translated_page_has_the_code_of_the_english_one)
{
	for (const struct rule *const *rule = rules; *rule; rule++) {
		const char *english = page_in("en", *rule), *chinese = page_in("zh_CN", *rule);

		check_code(*rule, english, chinese);
		check_code(*rule, chinese, english);
	}
}

TEST(a_page_begins_with_the_name_of_its_rule)
{
	for (const struct rule *const *rule = rules; *rule; rule++) {
		const char *page = page_in("zh_CN", *rule);

		assert_that(!strncmp(page, "# ", 2) &&
				    !strncmp(page + 2, (*rule)->id, strlen((*rule)->id)),
			    "%s", (*rule)->id);
	}
}

SUITE(pages,
      cmocka_unit_test_teardown(every_rule_has_a_page_in_every_language, back_to_english),
      cmocka_unit_test_teardown(
	      a_translated_page_has_the_headings_and_items_of_the_english_one,
	      back_to_english),
      cmocka_unit_test_teardown(a_translated_page_has_the_code_of_the_english_one,
				back_to_english),
      cmocka_unit_test_teardown(a_page_begins_with_the_name_of_its_rule, back_to_english));
