#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE_TCP "\nProtocol tcp Dynamic Port Range\n---------------------------------\n"
#define TITLE_UDP "\nProtocol udp Dynamic Port Range\n---------------------------------\n"
#define RANGE(first, ports) "Start Port      : " #first "\nNumber of Ports : " #ports "\n\n"

static void assert_range(const struct told *told, enum protocol protocol, uint8_t family,
			 int first, int last)
{
	const struct windows_range *range;

	assert_non_null(told->snapshot.windows);
	range = windows_range_at(told->snapshot.windows, protocol, family);
	assert_that(range->range.first == first && range->range.last == last,
		    "%s, family %d: %d to %d", protocol_name(protocol), family,
		    range->range.first, range->range.last);
}

static const char *note_of(const struct told *told, const char *kind)
{
	const struct artefact *part = told_part(told, kind);

	assert_non_null(part);
	return part->partial ? part->partial : "";
}

TEST(a_range_whose_family_is_not_said_is_of_both_and_that_is_told)
{
	struct told told;

	told_of(&told, TITLE_TCP RANGE(49152, 16384));
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV4, 49152, 65535);
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV6, 49152, 65535);
	assert_range(&told, PROTOCOL_UDP, FAMILY_IPV4, 0, 0);
	assert_non_null(strstr(note_of(&told, "netsh dynamicport"), "for both"));
	told_end(&told);
}

TEST(a_prompt_says_the_family)
{
	struct told told;

	told_of(&told,
		"C:\\>netsh int ipv6 show dynamicport udp\n" TITLE_UDP RANGE(
			30000,
			1000) "C:\\>netsh int ip show dynamicport tcp\n" TITLE_TCP RANGE(2000,
											 255));
	assert_range(&told, PROTOCOL_UDP, FAMILY_IPV6, 30000, 30999);
	assert_range(&told, PROTOCOL_UDP, FAMILY_IPV4, 0, 0);
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV4, 2000, 2254);
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV6, 0, 0);
	assert_string_equal(note_of(&told, "netsh dynamicport"), "");
	told_end(&told);
}

TEST(four_ranges_without_a_prompt_come_as_ipv4_and_then_ipv6)
{
	struct told told;

	told_of(&told, TITLE_TCP RANGE(1025, 100) TITLE_UDP RANGE(2025, 100)
			       TITLE_TCP RANGE(3025, 100) TITLE_UDP RANGE(4025, 100));
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV4, 1025, 1124);
	assert_range(&told, PROTOCOL_UDP, FAMILY_IPV4, 2025, 2124);
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV6, 3025, 3124);
	assert_range(&told, PROTOCOL_UDP, FAMILY_IPV6, 4025, 4124);
	assert_non_null(strstr(note_of(&told, "netsh dynamicport"), "the second for IPv6"));
	told_end(&told);
}

TEST(what_did_not_say_its_family_does_not_overrule_what_did)
{
	static const char said[] =
		"netsh interface ipv4>show dynamicport tcp\n" TITLE_TCP RANGE(10000, 10);
	static const char unsaid[] = TITLE_TCP RANGE(20000, 20);
	struct told told;

	told_of(&told, said);
	told_file(&told, unsaid, strlen(unsaid));
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV4, 10000, 10009);
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV6, 20000, 20019);
	told_end(&told);

	told_of(&told, unsaid);
	told_file(&told, said, strlen(said));
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV4, 10000, 10009);
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV6, 20000, 20019);
	told_end(&told);
}

TEST(words_of_no_language_are_needed)
{
	struct told told;

	/* cp437, and cp932 whose second bytes may be ASCII. */
	told_of(&told, "\r\nDyn. Portbereich f\x81r Protokoll tcp\r\n"
		       "---------------------------------\r\n"
		       "Startport       : 1024\r\nAnzahl von Ports: 64511\r\n");
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV4, 1024, 65534);
	told_end(&told);
	told_of(&told, "\x83v\x83\x8d\x83g\x83R\x83\x8b udp \x82\xcc\n"
		       "---------------------------------\n"
		       "\x8aJ\x8en\x83|\x81[\x83g      : 50000\n"
		       "\x83|\x81[\x83g\x90\x94        : 15536\n");
	assert_range(&told, PROTOCOL_UDP, FAMILY_IPV4, 50000, 65535);
	told_end(&told);
}

TEST(a_range_that_cannot_be_is_told_and_not_taken)
{
	static const char *const bad[] = {
		TITLE_TCP RANGE(49152, 16385), TITLE_TCP RANGE(0, 16384),
		TITLE_TCP RANGE(1025, 0),      TITLE_TCP RANGE(4294967295, 4294967295),
		TITLE_TCP RANGE(65536, 1),
	};
	struct told told;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		told_of(&told, bad[i]);
		assert_that(strstr(note_of(&told, "netsh dynamicport"), "line 5"), "%zu", i);
		assert_null(told.snapshot.windows);
		told_end(&told);
	}
	told_of(&told, TITLE_TCP RANGE(65535, 1));
	assert_range(&told, PROTOCOL_TCP, FAMILY_IPV4, 65535, 65535);
	told_end(&told);
}

TEST(a_range_that_was_cut_off_is_told)
{
	struct told told;

	told_of(&told, TITLE_TCP "Start Port      : 49152\n");
	assert_non_null(strstr(note_of(&told, "netsh dynamicport"), "cut off"));
	told_end(&told);
	told_of(&told, TITLE_TCP "Start Port      : 49152\nC:\\>\n");
	assert_non_null(
		strstr(note_of(&told, "netsh dynamicport"), "without its second number"));
	told_end(&told);
	/* Dashes alone are no title, and what has none is not of netsh. */
	told_of(&told, "Totals\n---------------------------------\nA : 5\nB : 6\n");
	assert_null(told_part(&told, "netsh dynamicport"));
	told_end(&told);
}

#define EXCLUDED_HEAD "Start Port    End Port\n----------    --------\n"
#define FOOTER "\n* - Administered port exclusions.\n\n"

static const struct windows_range *excluded_of(const struct told *told, enum protocol protocol,
					       uint8_t family)
{
	assert_non_null(told->snapshot.windows);
	return windows_range_at(told->snapshot.windows, protocol, family);
}

TEST(a_star_tells_what_is_set_from_what_was_reserved_at_run_time)
{
	const struct windows_range *tcp, *udp;
	struct told told;

	told_of(&told, "C:\\>netsh int ipv4 show excludedportrange protocol=tcp\n\n"
		       "Protocol tcp Port Exclusion Ranges\n\n" EXCLUDED_HEAD
		       "      5985        5985\n"
		       "     50000       50059     *\n" FOOTER
		       "C:\\>netsh int ipv4 show excludedportrange protocol=udp\n\n"
		       "Protocol udp Port Exclusion Ranges\n\n" EXCLUDED_HEAD
		       "     50000       50001\n" FOOTER);
	tcp = excluded_of(&told, PROTOCOL_TCP, FAMILY_IPV4);
	udp = excluded_of(&told, PROTOCOL_UDP, FAMILY_IPV4);
	assert_true(tcp->excluded_known);
	assert_int_equal(tcp->excluded.count, 61);
	assert_int_equal(tcp->reserved_at_run.count, 1);
	assert_int_equal(udp->excluded.count, 2);
	assert_int_equal(udp->reserved_at_run.count, 2);
	assert_false(excluded_of(&told, PROTOCOL_TCP, FAMILY_IPV6)->excluded_known);
	assert_int_equal(told_part(&told, "netsh excludedportrange")->records, 3);
	told_end(&told);
}

/* What rests on a default says so. */
static bool assumes(const char *text)
{
	struct told told;
	bool found = false;

	told_of(&told, text);
	dossier_join(&told.dossier);
	for (size_t i = 0; i < told.snapshot.gap_count; i++)
		found |= told.snapshot.gaps[i].effect == GAP_ROOM &&
			 !strncmp(told.snapshot.gaps[i].what, "the dynamic port range of tcp",
				  29);
	told_end(&told);
	return found;
}

TEST(a_range_that_nobody_told_is_told_to_be_assumed)
{
	static const char listing[] =
		"C:\\>netstat -anoq\n"
		"  TCP    0.0.0.0:135    0.0.0.0:0    LISTENING    988\n\n";
	char both[512];

	snprintf(both, sizeof both, "%s%s", listing, TITLE_TCP RANGE(49152, 16384));
	assert_true(assumes(listing));
	assert_false(assumes(both));
	assert_false(assumes(TITLE_UDP RANGE(49152, 16384))); /* nothing rests on it */
}

TEST(an_empty_list_is_a_fact)
{
	struct told told;

	told_of(&told, "\xe5\x8d\x8f\xe8\xae\xae tcp\n\n" EXCLUDED_HEAD "\n* - x\n");
	assert_true(excluded_of(&told, PROTOCOL_TCP, FAMILY_IPV4)->excluded_known);
	assert_true(excluded_of(&told, PROTOCOL_TCP, FAMILY_IPV6)->excluded_known);
	assert_int_equal(excluded_of(&told, PROTOCOL_TCP, FAMILY_IPV4)->excluded.count, 0);
	assert_false(excluded_of(&told, PROTOCOL_UDP, FAMILY_IPV4)->excluded_known);
	told_end(&told);
	/* With neither rows nor a last line it may be anything. */
	told_of(&told, "What tcp does\n" EXCLUDED_HEAD "one two\n");
	assert_null(told.snapshot.windows);
	told_end(&told);
}

TEST(without_title_star_and_last_line_ranges_are_read_and_the_rest_is_told)
{
	const struct windows_range *tcp;
	struct told told;

	told_of(&told, "Puerto de inicio    Puerto final\n----------          --------\n"
		       "      1025        1124\n     50000       50059\n");
	tcp = excluded_of(&told, PROTOCOL_TCP, FAMILY_IPV4);
	assert_int_equal(tcp->excluded.count, 160);
	assert_int_equal(tcp->reserved_at_run.count, 0);
	assert_non_null(strstr(note_of(&told, "netsh excludedportrange"), "TCP or UDP"));
	told_end(&told);
}

TEST(ranges_that_cannot_be_and_hostile_lists_are_told)
{
	struct told told;
	char *text = calloc(1, 1 << 20);

	told_of(&told, "tcp\n" EXCLUDED_HEAD "  70000   70001\n  20  10\n   80  80\n  9\n");
	assert_int_equal(excluded_of(&told, PROTOCOL_TCP, FAMILY_IPV4)->excluded.count, 1);
	assert_non_null(strstr(note_of(&told, "netsh excludedportrange"), "line 4"));
	told_end(&told);

	strcpy(text, "tcp\n" EXCLUDED_HEAD);
	for (size_t i = 0, at = strlen(text); i < 60000; i++)
		at += (size_t)sprintf(text + at, "0 65535\n");
	told_of(&told, text);
	assert_non_null(strstr(note_of(&told, "netsh excludedportrange"), "no range"));
	assert_int_equal(excluded_of(&told, PROTOCOL_TCP, FAMILY_IPV4)->excluded.count, 65536);
	told_end(&told);
	free(text);
}

SUITE(netsh, cmocka_unit_test(a_range_whose_family_is_not_said_is_of_both_and_that_is_told),
      cmocka_unit_test(a_prompt_says_the_family),
      cmocka_unit_test(four_ranges_without_a_prompt_come_as_ipv4_and_then_ipv6),
      cmocka_unit_test(what_did_not_say_its_family_does_not_overrule_what_did),
      cmocka_unit_test(words_of_no_language_are_needed),
      cmocka_unit_test(a_range_that_cannot_be_is_told_and_not_taken),
      cmocka_unit_test(a_range_that_was_cut_off_is_told),
      cmocka_unit_test(a_star_tells_what_is_set_from_what_was_reserved_at_run_time),
      cmocka_unit_test(a_range_that_nobody_told_is_told_to_be_assumed),
      cmocka_unit_test(an_empty_list_is_a_fact),
      cmocka_unit_test(without_title_star_and_last_line_ranges_are_read_and_the_rest_is_told),
      cmocka_unit_test(ranges_that_cannot_be_and_hostile_lists_are_told));
