#include "view/explain.h"

#include "base/error.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis/rule.h"
#include "knowledge/messages.h"
#include "knowledge/sysctl_file.h"
#include "knowledge/topic.h"
#include "view/golden.h"
#include "view/view.h"

#include <stdlib.h>
#include <string.h>

static const char file[] = "# tuned for TIME_WAIT\n"
			   "net.ipv4.tcp_tw_recycle = 1\n"
			   "net.ipv4.tcp_tw_reuse = 0\n"
			   "net.ipv4.tcp_fin_timeout = 15\n"
			   "vm.swappiness = 10\n"
			   "net.ipv4.ip_local_port_range = 1024 65534\n"
			   "net.ipv4.tcp_tw_reuse = 1\n";

static void show(const char *asked, const struct view_style *style)
{
	struct explain_answer answer = { .text = asked };
	struct explanation explanation = { .input = asked,
					   .answers = &answer,
					   .answer_count = 1 };

	assert_true(lookup_text(asked, &answer.lookup));
	explain_text(&explanation, style);
}

static void text_shows(const char *asked, const char *name)
{
	struct golden golden;

	golden_begin(&golden);
	show(asked, &(struct view_style){ .out = golden.out, .width = 80 });
	golden_end(&golden, name);
}

TEST(an_error_says_meaning_ports_and_next_step)
{
	text_shows("EADDRNOTAVAIL", "explain-error.txt");
}

TEST(a_message_says_what_to_set_in_that_program)
{
	text_shows(
		"connect() to 192.0.2.7:8080 failed (99: Cannot assign requested address) while "
		"connecting to upstream",
		"explain-message.txt");
}

TEST(a_number_with_several_meanings_shows_all)
{
	text_shows("0xd", "explain-number.txt");
}

TEST(a_sysctl_file_is_told_line_by_line)
{
	struct explanation explanation = { .input = "99-tuning.conf" };
	struct sysctl_review review;
	struct golden golden;

	sysctl_review_make(&review, file);
	explanation.review = &review;
	golden_begin(&golden);
	explain_text(&explanation, &(struct view_style){ .out = golden.out, .width = 80 });
	golden_end(&golden, "explain-file.txt");
	golden_begin(&golden);
	explain_json(&explanation, golden.out);
	golden_end(&golden, "explain-file.json");
	sysctl_review_free(&review);
}

TEST(a_page_is_laid_out_for_the_terminal)
{
	static const char page[] =
		"# name: the title of a page\n"
		"\n"
		"**What it means**\n"
		"\n"
		"A paragraph with `code` in it that is long enough to be broken\n"
		"into lines anew.\n"
		"\n"
		"* An item that goes on\n"
		"  below itself.\n"
		"* Another.\n"
		"\n"
		"1. Do this:\n"
		"   `portroom list --by state`\n"
		"2. Then that.\n"
		"\n"
		"       sysctl -w net.ipv4.ip_local_port_range='1024 65535'\n"
		"\n"
		"   And *this* below it, but not `tcp_*`.\n"
		"\n"
		"| range | first half | cost |\n"
		"|---|---|---|\n"
		"| 1,000 | free | 13 us |\n"
		"| | `none` left | 33 us |\n";
	struct golden golden;

	golden_begin(&golden);
	explain_page(page, &(struct view_style){ .out = golden.out, .width = 40 });
	golden_end(&golden, "explain-page.txt");
}

/* "portroom explain X" where X is a rule or a topic. */
static void check_pages(const char *name, const char *commands)
{
	static const char explain[] = "portroom explain ";

	while (commands && (commands = strstr(commands, explain))) {
		char word[64];
		size_t length;

		commands += sizeof explain - 1;
		length = strcspn(commands, ";");
		assert_true(length < sizeof word);
		memcpy(word, commands, length);
		word[length] = '\0';
		assert_that(rule_find(word) || topic_find(word), "%s: %s", name, word);
	}
}

TEST(commands_name_pages_that_exist)
{
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			check_pages(topic->name, topic->command);
	for (const struct message *message = messages; message->fragments; message++)
		check_pages(message->fragments, message->command);
}

TEST(a_message_has_one_verdict)
{
	static const char *const lines[] = {
		"dial udp 192.0.2.53:53: connect: cannot assign requested address",
		"bind: Cannot assign requested address",
		"dial tcp 192.0.2.7:80: i/o timeout",
	};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct golden golden;
		const char *verdict;

		golden_begin(&golden);
		show(lines[i], &(struct view_style){ .out = golden.out });
		memory_file_flush(&golden.file);
		verdict = strstr(golden.file.text, "  ports ");
		assert_non_null(verdict);
		assert_null(strstr(verdict + 1, "  ports "));
		assert_non_null(strstr(golden.file.text, "  see "));
		memory_file_close(&golden.file);
	}
}

/* Everything there is to explain, one after the other. */
static void show_all(const struct view_style *style)
{
	struct explanation nothing = { 0 };

	explain_text(&nothing, style);
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			show(topic->name, style);
	for (const struct message *message = messages; message->fragments; message++) {
		struct explain_answer answer = { .text = "x",
						 .lookup = { .message = message } };
		struct explanation one = { .answers = &answer, .answer_count = 1 };

		explain_text(&one, style);
	}
	for (const struct rule *const *rule = rules; *rule; rule++)
		explain_text(&(struct explanation){ .rule = *rule }, style);
}

static void lines_fit(const char *language, unsigned width)
{
	struct golden golden;
	struct error error;

	assert_int_equal(language_select(language, &error), 0);
	golden_begin(&golden);
	show_all(&(struct view_style){ .out = golden.out, .width = width });
	language_english();
	memory_file_flush(&golden.file);
	for (char *line = strtok(golden.file.text, "\n"); line; line = strtok(NULL, "\n"))
		assert_that(text_width(line) <= width, "%u: %s", width, line);
	memory_file_close(&golden.file);
}

TEST(no_line_is_wider_than_the_terminal)
{
	lines_fit("en", 72);
	lines_fit("en", 100);
	lines_fit("zh_CN", 72);
	lines_fit("zh_CN", 100);
}

SUITE(explain, cmocka_unit_test(an_error_says_meaning_ports_and_next_step),
      cmocka_unit_test(a_message_says_what_to_set_in_that_program),
      cmocka_unit_test(a_number_with_several_meanings_shows_all),
      cmocka_unit_test(a_sysctl_file_is_told_line_by_line),
      cmocka_unit_test(a_page_is_laid_out_for_the_terminal),
      cmocka_unit_test(commands_name_pages_that_exist),
      cmocka_unit_test(a_message_has_one_verdict),
      cmocka_unit_test(no_line_is_wider_than_the_terminal));
