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

TEST(pieces_are_found_whatever_their_case)
{
	assert_non_null(message_piece("Cannot Assign", "cannot assign", 13));
	assert_null(message_piece("Cannot Assig", "cannot assign", 13));
	assert_null(message_piece("", "a", 1));
}

SUITE(messages, cmocka_unit_test(every_message_comes_down_to_a_topic_that_exists),
      cmocka_unit_test(a_message_is_found_by_its_own_pieces),
      cmocka_unit_test(advice_that_a_message_promises_is_there),
      cmocka_unit_test(pieces_are_found_whatever_their_case));
