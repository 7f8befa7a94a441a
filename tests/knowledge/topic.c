#include "suite.h"

#include "knowledge/topic.h"

#include <string.h>

TEST(every_topic_says_what_it_means_what_to_do_and_where_it_was_read)
{
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++) {
			assert_that(topic->title && *topic->title, "%s: title", topic->name);
			assert_that(topic->meaning && *topic->meaning, "%s: meaning",
				    topic->name);
			assert_that(topic->next && *topic->next, "%s: next", topic->name);
			assert_that(topic->source && *topic->source, "%s: source",
				    topic->name);
			assert_int_equal(topic->kind, (*table)->kind);
		}
}

TEST(a_symptom_says_how_to_tell_it_from_other_causes)
{
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			assert_that((topic->exhaustion != EXHAUSTION_UNASKED) ==
					    (topic->tell != NULL),
				    "%s", topic->name);
}

TEST(every_setting_is_found_by_each_way_to_write_it)
{
	static const char *const ways[] = { "net.ipv4.tcp_tw_reuse", "tcp_tw_reuse",
					    "net/ipv4/tcp_tw_reuse",
					    "/proc/sys/net/ipv4/tcp_tw_reuse",
					    "NET.IPV4.TCP_TW_REUSE" };

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		const struct topic *topic = topic_find(ways[i]);

		assert_non_null(topic);
		assert_string_equal(topic->name, "net.ipv4.tcp_tw_reuse");
	}
	assert_null(topic_find("net.ipv4"));
	assert_null(topic_find("net.ipv4.tcp_tw_reuse_"));
}

TEST(commands_name_only_what_portroom_has)
{
	static const char *const commands[] = { "check", "room", "list", "range", "explain" };

	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++) {
			const char *at = topic->command;
			bool known = !at;

			for (size_t i = 0; at && i < sizeof commands / sizeof commands[0]; i++)
				known |= !strncmp(at, "portroom ", 9) &&
					 !strncmp(at + 9, commands[i], strlen(commands[i]));
			assert_that(known, "%s: %s", topic->name, at);
		}
}

TEST(kinds_and_degrees_have_names)
{
	for (int kind = 0; kind < TOPIC_KIND_COUNT; kind++) {
		assert_non_null(topic_kind_name(kind));
		assert_non_null(topic_kind_title(kind));
		assert_non_null(topic_kind_word(kind));
	}
	assert_null(exhaustion_name(EXHAUSTION_UNASKED));
	assert_string_equal(exhaustion_name(EXHAUSTION_LIKELY), "likely");
}

SUITE(topic, cmocka_unit_test(every_topic_says_what_it_means_what_to_do_and_where_it_was_read),
      cmocka_unit_test(a_symptom_says_how_to_tell_it_from_other_causes),
      cmocka_unit_test(every_setting_is_found_by_each_way_to_write_it),
      cmocka_unit_test(commands_name_only_what_portroom_has),
      cmocka_unit_test(kinds_and_degrees_have_names));
