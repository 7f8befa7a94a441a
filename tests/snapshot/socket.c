#include "snapshot/socket.h"

#include "suite.h"

#include <ctype.h>
#include <string.h>

TEST(every_state_has_a_title_and_the_same_name_in_lower_case)
{
	for (int state = 0; state < SOCKET_STATE_COUNT; state++) {
		const char *title = socket_state_title(state),
			   *name = socket_state_name(state);

		assert_non_null(title);
		assert_non_null(name);
		assert_int_equal(strlen(title), strlen(name));
		for (size_t i = 0; title[i]; i++)
			assert_int_equal(tolower((unsigned char)title[i]), name[i]);
	}
}

TEST(no_two_states_share_a_name)
{
	for (int a = 0; a < SOCKET_STATE_COUNT; a++)
		for (int b = 0; b < a; b++)
			assert_string_not_equal(socket_state_name(a), socket_state_name(b));
}

TEST(states_are_called_what_their_enum_says)
{
	assert_string_equal(socket_state_title(SOCKET_TIME_WAIT), "TIME_WAIT");
	assert_string_equal(socket_state_name(SOCKET_CLOSE_WAIT), "close_wait");
	assert_string_equal(socket_state_title(SOCKET_BOUND), "BOUND");
	assert_string_equal(socket_state_title(SOCKET_LISTEN), "LISTEN");
}

TEST(protocols_have_names)
{
	assert_string_equal(protocol_name(PROTOCOL_TCP), "tcp");
	assert_string_equal(protocol_name(PROTOCOL_UDP), "udp");
}

SUITE(socket, cmocka_unit_test(every_state_has_a_title_and_the_same_name_in_lower_case),
      cmocka_unit_test(no_two_states_share_a_name),
      cmocka_unit_test(states_are_called_what_their_enum_says),
      cmocka_unit_test(protocols_have_names), );
