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
	static const char *const commands[] = { "check", "room",    "list",
						"range", "explain", "handles" };

	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			for (int reader = READER_ON_LINUX; reader <= READER_ON_WINDOWS;
			     reader++) {
				const char *at = topic_for(topic, reader).command;
				bool known = !at;

				for (size_t i = 0;
				     at && i < sizeof commands / sizeof commands[0]; i++)
					known |= !strncmp(at, "portroom ", 9) &&
						 !strncmp(at + 9, commands[i],
							  strlen(commands[i]));
				assert_that(known, "%s: %s", topic->name, at);
			}
}

TEST(on_windows_a_state_is_told_in_the_words_of_windows)
{
	const struct topic *state = topic_find("CLOSE_WAIT");
	struct topic here = topic_for(state, READER_ON_LINUX),
		     there = topic_for(state, READER_ON_WINDOWS);

	assert_ptr_equal(here.meaning, state->meaning);
	assert_non_null(strstr(here.meaning, "descriptor"));
	assert_non_null(strstr(there.meaning, "handle"));
	assert_non_null(strstr(there.command, "windows_close_wait_leak"));
	/* What is the same everywhere is told once. */
	assert_ptr_equal(there.next, state->next);
	assert_non_null(topic_for(topic_find("TIME_WAIT"), READER_ON_LINUX).useless);
	assert_null(topic_for(topic_find("TIME_WAIT"), READER_ON_WINDOWS).useless);
}

TEST(no_state_names_a_setting_of_linux_on_windows)
{
	for (const struct topic *state = topics_states; state->name; state++) {
		struct topic told = topic_for(state, READER_ON_WINDOWS);
		const char *const texts[] = { told.meaning, told.tell, told.next };

		for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
			assert_that(!texts[i] || (!strstr(texts[i], "net.ipv4.") &&
						  !strstr(texts[i], "namespace")),
				    "%s: %s", state->name, texts[i]);
	}
}

TEST(each_reader_has_all_tables_and_those_of_his_system_first)
{
	const struct topic *const *here = topic_tables_for(READER_ON_LINUX),
				  *const *there = topic_tables_for(READER_ON_WINDOWS);

	assert_ptr_equal(here[0], topics_errors);
	assert_ptr_equal(there[0], topics_winsock);
	assert_ptr_equal(there[1], topics_events);
	assert_ptr_equal(there[2], topics_log_marks); /* events as well, in the same list */
	assert_ptr_equal(there[3], topics_windows_settings);
	for (; *here; here++) {
		size_t found = 0;

		for (size_t i = 0; there[i]; i++)
			found += there[i] == *here;
		assert_int_equal(found, 1);
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
      cmocka_unit_test(on_windows_a_state_is_told_in_the_words_of_windows),
      cmocka_unit_test(no_state_names_a_setting_of_linux_on_windows),
      cmocka_unit_test(each_reader_has_all_tables_and_those_of_his_system_first),
      cmocka_unit_test(kinds_and_degrees_have_names));
