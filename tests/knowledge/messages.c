#include "suite.h"

#include "knowledge/messages.h"
#include "knowledge/programs.h"

#include <stdio.h>
#include <string.h>

TEST(every_message_comes_down_to_a_topic_that_exists)
{
	for (const struct message *message = messages; message->fragments; message++) {
		assert_non_null(message->tell);
		assert_that(!message->topic || topic_find(message->topic), "%s: %s",
			    message->fragments, message->topic);
	}
}

TEST(a_message_is_found_by_its_own_pieces)
{
	for (const struct message *message = messages; message->fragments; message++) {
		char text[256];

		snprintf(text, sizeof text, "%s", message->fragments);
		for (char *at = text; *at; at++)
			if (*at == '|')
				*at = ' ';
		/* An earlier, more special one may be found instead, but something is. */
		assert_that(message_find(text), "%s", text);
	}
}

TEST(advice_that_a_message_promises_is_there)
{
	for (const struct message *message = messages; message->fragments; message++) {
		const struct program *program =
			message->program ? program_titled(message->program) : NULL;
		bool any = !message->advice;

		for (int kind = 0; program && kind < ADVICE_KIND_COUNT; kind++)
			any |= message->advice & 1U << kind && program->advice[kind];
		assert_that(any, "%s", message->fragments);
	}
}

TEST(lines_of_the_kernel_have_a_name_and_no_others)
{
	for (const struct message *message = messages; message->fragments; message++)
		assert_that(!message->kernel ==
				    !(message->program && !strcmp(message->program, "kernel")),
			    "%s", message->fragments);
}

TEST(among_many_lines_the_same_is_found)
{
	for (const struct message *message = messages; message->fragments; message++) {
		char text[256];

		snprintf(text, sizeof text, "At 03:00 %s.", message->fragments);
		for (char *at = text; *at; at++)
			if (*at == '|')
				*at = ' ';
			else if (*at >= 'a' && *at <= 'z')
				*at = (char)(*at - 'a' + 'A');
		assert_that(message_find_kernel(text) || message_find_program(text), "%s",
			    text);
		if (message->kernel)
			assert_ptr_equal(message_find_kernel(text), message_find(text));
		else
			assert_ptr_equal(message_find_program(text), message_find(text));
	}
}

TEST(what_had_a_port_is_not_about_ports)
{
	assert_true(message_is_about_ports(message_find(
		"dial tcp 10.0.9.1:80: connect: cannot assign requested address")));
	assert_true(message_is_about_ports(message_find("listen eaddrinuse :::80")));
	assert_true(message_is_about_ports(message_find("accept4: too many open files")));
	assert_false(message_is_about_ports(message_find("connect econnrefused 10.0.9.1:80")));
	assert_false(
		message_is_about_ports(message_find("dial tcp 10.0.9.1:80: i/o timeout")));
}

TEST(pieces_are_found_whatever_their_case)
{
	assert_non_null(message_piece("Cannot Assign", "cannot assign", 13));
	assert_null(message_piece("Cannot Assig", "cannot assign", 13));
	assert_null(message_piece("", "a", 1));
}

SUITE(messages, cmocka_unit_test(every_message_comes_down_to_a_topic_that_exists),
      cmocka_unit_test(a_message_is_found_by_its_own_pieces),
      cmocka_unit_test(advice_that_a_message_promises_is_there),
      cmocka_unit_test(lines_of_the_kernel_have_a_name_and_no_others),
      cmocka_unit_test(among_many_lines_the_same_is_found),
      cmocka_unit_test(what_had_a_port_is_not_about_ports),
      cmocka_unit_test(pieces_are_found_whatever_their_case));
