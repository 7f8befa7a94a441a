#include "suite.h"

#include "base/error.h"
#include "base/language.h"
#include "knowledge/messages.h"
#include "knowledge/programs.h"
#include "knowledge/sysctl_file.h"
#include "knowledge/topic.h"

#include <string.h>

/* Chinese text has characters beyond ASCII, if only its punctuation. */
static bool is_chinese(const char *text)
{
	for (; *text; text++)
		if (*text & 0x80)
			return true;
	return false;
}

static void check(const char *where, const char *text)
{
	if (text)
		assert_that(strcmp(_(text), text) && is_chinese(_(text)), "%s: %s", where,
			    text);
}

static void speak_chinese(void)
{
	struct error error;

	assert_int_equal(language_select("zh_CN", &error), 0);
}

TEST(every_topic_is_told_in_chinese)
{
	speak_chinese();
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			for (int reader = READER_ON_LINUX; reader <= READER_ON_WINDOWS;
			     reader++) {
				const struct topic told = topic_for(topic, reader);

				check(told.name, told.title);
				check(told.name, told.meaning);
				check(told.name, told.tell);
				check(told.name, told.next);
				check(told.name, told.useless);
			}
	for (int kind = 0; kind < TOPIC_KIND_COUNT; kind++)
		assert_true(is_chinese(topic_kind_title(kind)));
	language_english();
}

TEST(every_message_and_directive_is_told_in_chinese)
{
	speak_chinese();
	for (const struct message *message = messages; message->fragments; message++)
		check(message->fragments, message->tell);
	for (const struct program *program = programs; program->title; program++)
		for (int kind = 0; kind < ADVICE_KIND_COUNT; kind++)
			check(program->title, program->advice[kind]);
	language_english();
}

TEST(a_sysctl_file_is_judged_in_chinese)
{
	static const char file[] = "net.ipv4.tcp_tw_recycle=1\nnet.ipv4.tcp_tw_reuse=0\n"
				   "net.ipv4.tcp_fin_timeout=9\nnet.ipv4.tcp_tw_reuse=1\n"
				   "net.ipv4.ip_local_port_range=1024 65534\nnonsense\n"
				   "net.ipv4.tcp_timestamps=1\nnet.ipv4.tcp_tw_reuse=3\n"
				   "net.ipv4.tcp_tw_resuse=1\n"
				   "net.ipv4.ip_local_reserved_ports=x\n"
				   "net.ipv4.ip_local_reserved_ports=1-65535\n"
				   "net.ipv4.tcp_fin_timeout=90\n";
	struct sysctl_review review;

	speak_chinese();
	sysctl_review_make(&review, file);
	assert_int_equal(review.remark_count, 12);
	for (size_t i = 0; i < review.remark_count; i++)
		check("reason", review.remarks[i].reason),
			check("note", review.remarks[i].note);
	for (int verdict = 0; verdict < SYSCTL_VERDICT_COUNT; verdict++)
		assert_true(is_chinese(sysctl_verdict_title(verdict)));
	sysctl_review_free(&review);
	language_english();
}

SUITE(chinese, cmocka_unit_test(every_topic_is_told_in_chinese),
      cmocka_unit_test(every_message_and_directive_is_told_in_chinese),
      cmocka_unit_test(a_sysctl_file_is_judged_in_chinese));
