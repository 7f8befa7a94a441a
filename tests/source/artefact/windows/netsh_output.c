#include "source/artefact/windows/netsh_output.h"

#include "base/error.h"
#include "snapshot/windows.h"
#include "source/artefact/windows/net_setting.h"

#include "suite.h"

#include <string.h>

/* Outputs without their command, as a pipe has them; the words are translated, and may be anything. */
#define DASHES "---------------------------------\r\n"
#define ENGLISH                                                                               \
	"\r\nProtocol tcp Dynamic Port Range\r\n" DASHES                                      \
	"Start Port      : 49152\r\nNumber of Ports : 16384\r\n\r\n"
/* Chinese in code page 936, and a language that leaves out the protocol. */
#define CHINESE                                                                               \
	"\r\n\xd0\xad\xd2\xe9 tcp \xb6\xaf\xcc\xac\xb6\xcb\xbf\xda\r\n" DASHES                \
	"\xb6\xcb\xbf\xda\xca\xfd        : 1024\r\n\xb6\xcb\xbf\xda : 13977\r\n"
#define NAMELESS "\r\nOne two three\r\n" DASHES "Un : 10000\r\nDeux : 1000\r\n"
#define EXCLUDED                                                                              \
	"\r\nA title of tcp\r\n\r\nFirst    Last\r\n----------    --------\r\n"               \
	"      5357        5357\r\n     50000       50059     *\r\n\r\n* - footer\r\n\r\n"

static int read_range(const char *text, enum protocol protocol, uint8_t family,
		      struct port_range *range)
{
	struct error error = { "" };
	int result = netsh_output_range(text, strlen(text), protocol, family, range, &error);

	assert_that(result == 0 || strstr(error.text, "netsh int"), "'%s'", error.text);
	return result;
}

TEST(a_range_is_read_in_any_language)
{
	static const struct {
		const char *text;
		int first, last;
	} cases[] = { { ENGLISH, 49152, 65535 },
		      { CHINESE, 1024, 15000 },
		      { NAMELESS, 10000, 10999 } };

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct port_range range = { 0, 0 };

		assert_int_equal(read_range(cases[i].text, PROTOCOL_TCP, FAMILY_IPV6, &range),
				 0);
		assert_int_equal(range.first, cases[i].first);
		assert_int_equal(range.last, cases[i].last);
	}
}

TEST(what_is_no_range_is_not_taken_for_one)
{
	static const char *const texts[] = {
		"",
		"Ok.\r\n",
		"The following command was not found: int ipv4 show dynamicport tcp.\r\n",
		"\r\nProtocol tcp\r\n" DASHES "Start Port : 49152\r\n",
		"\r\nProtocol tcp\r\n" DASHES "Start Port : 60000\r\nPorts : 6000\r\n",
		"\r\nProtocol tcp\r\n" DASHES "Start Port : 0\r\nPorts : 6000\r\n",
		"Start Port : 49152\r\nPorts : 6000\r\n",
		EXCLUDED,
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct port_range range = { 0, 0 };

		assert_that(read_range(texts[i], PROTOCOL_TCP, FAMILY_IPV4, &range) == -1 &&
				    !range.first,
			    "text %zu: %u", i, range.first);
	}
}

TEST(a_range_of_another_protocol_is_not_the_one_asked_for)
{
	struct port_range range = { 0, 0 };

	assert_int_equal(read_range(ENGLISH, PROTOCOL_UDP, FAMILY_IPV4, &range), -1);
}

/* Cut anywhere it is the range or a sentence, and never another range. */
TEST(an_output_may_be_cut_anywhere)
{
	for (size_t size = 0; size < sizeof ENGLISH; size++) {
		struct port_range range = { 0, 0 };
		struct error error = { "" };
		int result = netsh_output_range(ENGLISH, size, PROTOCOL_TCP, FAMILY_IPV4,
						&range, &error);

		assert_that(result ? *error.text && !range.first : range.first == 49152,
			    "cut at %zu: %d, %u", size, result, range.first);
	}
}

TEST(excluded_ports_are_read_with_their_star)
{
	struct windows_range range = { .excluded_known = false };
	struct error error;

	assert_int_equal(netsh_output_excluded(EXCLUDED, strlen(EXCLUDED), PROTOCOL_TCP,
					       FAMILY_IPV4, &range, &error),
			 0);
	assert_true(range.excluded_known);
	assert_int_equal(range.excluded.count, 61);
	assert_int_equal(range.reserved_at_run.count, 1);
	assert_true(port_set_has(&range.reserved_at_run, 5357));
	port_set_free(&range.excluded);
	port_set_free(&range.reserved_at_run);
}

TEST(no_excluded_port_is_an_answer_and_no_answer_is_none)
{
	static const char empty[] =
		"\r\nTitle tcp\r\n\r\nFirst    Last\r\n----------    --------\r\n\r\n* - x\r\n";
	struct windows_range range = { .excluded_known = false };
	struct error error;

	assert_int_equal(
		netsh_output_excluded("", 0, PROTOCOL_TCP, FAMILY_IPV4, &range, &error), -1);
	assert_false(range.excluded_known);
	assert_int_equal(netsh_output_excluded(empty, strlen(empty), PROTOCOL_TCP, FAMILY_IPV4,
					       &range, &error),
			 0);
	assert_true(range.excluded_known);
	assert_int_equal(range.excluded.count, 0);
}

/* ---- MSFT_NetTCPSetting ---- */

static struct net_settings taken(const struct net_setting *rows, size_t count)
{
	struct net_settings settings = { .instances = 0 };

	for (size_t i = 0; i < count; i++)
		net_settings_take(&settings, &rows[i]);
	return settings;
}

TEST(the_first_template_with_a_range_counts)
{
	static const struct net_setting rows[] = { { -1, -1, -1, -1 },
						   { 10000, 1000, 0, 0 },
						   { 10000, 1000, 0, 0 } };
	const struct net_settings settings = taken(rows, 3);

	assert_int_equal(settings.dynamic.first, 10000);
	assert_int_equal(settings.dynamic.last, 10999);
	assert_false(settings.dynamic_differs);
	assert_true(settings.reuse_known);
	assert_int_equal(settings.reuse.first, 0);
}

TEST(templates_that_differ_are_told)
{
	static const struct net_setting rows[] = { { 10000, 1000, 20000, 100 },
						   { 10000, 1001, 20000, 101 } };
	const struct net_settings settings = taken(rows, 2);

	assert_int_equal(settings.dynamic.last, 10999);
	assert_true(settings.dynamic_differs);
	assert_int_equal(settings.reuse.last, 20099);
	assert_true(settings.reuse_differs);
}

TEST(numbers_that_are_no_range_are_not_taken)
{
	static const struct net_setting rows[] = { { 0, 1000, -1, -1 },
						   { 60000, 5537, -1, -1 },
						   { 1, 0, -1, 5 } };
	const struct net_settings settings = taken(rows, 3);
	struct port_range range;

	assert_int_equal(settings.dynamic.first, 0);
	assert_false(settings.reuse_known);
	assert_true(net_setting_range(60000, 5536, &range));
	assert_int_equal(range.last, 65535);
}

SUITE(netsh_output, cmocka_unit_test(a_range_is_read_in_any_language),
      cmocka_unit_test(what_is_no_range_is_not_taken_for_one),
      cmocka_unit_test(a_range_of_another_protocol_is_not_the_one_asked_for),
      cmocka_unit_test(an_output_may_be_cut_anywhere),
      cmocka_unit_test(excluded_ports_are_read_with_their_star),
      cmocka_unit_test(no_excluded_port_is_an_answer_and_no_answer_is_none),
      cmocka_unit_test(the_first_template_with_a_range_counts),
      cmocka_unit_test(templates_that_differ_are_told),
      cmocka_unit_test(numbers_that_are_no_range_are_not_taken));
