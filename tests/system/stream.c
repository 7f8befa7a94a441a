#include "system/stream.h"

#include "portable/child.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The standard error of a child is a pipe here. */
static void tell_of_a_pipe(void)
{
	exit(stream_is_terminal(2) ? 1 : stream_has_colours(2) ? 2 : 3);
}

TEST(a_pipe_is_no_terminal_and_has_no_colours)
{
	char said[64];

	assert_int_equal(child_run(tell_of_a_pipe, said, sizeof said), 3);
}

/* The environment is the child's, so nothing of it stays. */
static void write_after_the_start(void)
{
	int argc = 1;
	char name[] = "portroom", *words[] = { name, NULL }, **argv = words;

	stream_start(&argc, &argv);
	fputs("one\n\xe7\xab\xaf\xe5\x8f\xa3\n", stderr);
	stream_end();
	exit(argc == 1 ? 7 : 8);
}

TEST(text_to_a_pipe_is_the_bytes_themselves)
{
	char said[64];

	assert_int_equal(child_run(write_after_the_start, said, sizeof said), 7);
	assert_string_equal(said, "one\n\xe7\xab\xaf\xe5\x8f\xa3\n");
}

SUITE(stream, cmocka_unit_test(a_pipe_is_no_terminal_and_has_no_colours),
      cmocka_unit_test(text_to_a_pipe_is_the_bytes_themselves), );
