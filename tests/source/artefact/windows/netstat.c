#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE "\nActive Connections\n\n"
#define HEADER "  Proto  Local Address          Foreign Address        State           PID\n"
#define NO_PIDS "  Proto  Local Address          Foreign Address        State\n"
#define LISTENS "  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       988\n"
#define CONNECTED(port)                                                                       \
	"  TCP    10.0.0.5:" #port "         10.0.9.1:443           ESTABLISHED     812\n"
#define RESTS(port)                                                                           \
	"  TCP    10.0.0.5:" #port "         10.0.9.1:443           TIME_WAIT       0\n"
#define BOUND(port)                                                                           \
	"  TCP    0.0.0.0:" #port "          0.0.0.0:0              BOUND           812\n"
#define DATAGRAM                                                                              \
	"  UDP    0.0.0.0:5353           *:*                                    1200\n"

static void assert_rows(const struct told *told, enum socket_state state, size_t rows)
{
	assert_that(told_rows(told, state) == rows, "%s: %zu rows", socket_state_title(state),
		    told_rows(told, state));
}

TEST(rows_have_their_states_and_owners)
{
	struct told told;
	const struct dossier_table *table;

	told_of(&told, TITLE HEADER LISTENS CONNECTED(50000) RESTS(50001) DATAGRAM);
	table = told_table(&told);
	assert_string_equal(table->what, "netstat -ano");
	assert_int_equal(table->count, 4);
	assert_int_equal(table->unread_rows, 0);
	assert_true(table->shows_tcp && table->shows_udp && table->shows_owners &&
		    table->shows_listeners);
	assert_false(table->shows_bound || table->is_excerpt);
	assert_rows(&told, SOCKET_LISTEN, 1);
	assert_rows(&told, SOCKET_TIME_WAIT, 1);
	assert_rows(&told, SOCKET_UNCONNECTED, 1);
	assert_int_equal(table->sockets[1].state, SOCKET_ESTABLISHED);
	assert_int_equal(table->sockets[1].local_port, 50000);
	assert_int_equal(table->sockets[1].remote_port, 443);
	assert_int_equal(table->sockets[1].pid, 812);
	assert_int_equal(table->sockets[2].pid, 0);
	assert_int_equal(table->sockets[2].age, AGE_YOUNG);
	assert_int_equal(table->sockets[3].protocol, PROTOCOL_UDP);
	told_end(&told);
}

/* In mail, and in an answer to it. A '>' that is alone ends no XML tag there. */
TEST(what_mail_quotes_is_read)
{
	struct told told;

	told_of(&told, "they wrote:\n> \n>\n> Active Connections\n>\n> " HEADER "> " LISTENS
		       "> > " CONNECTED(50000) ">> " RESTS(50001) ">" DATAGRAM);
	assert_int_equal(told_table(&told)->count, 4);
	assert_int_equal(told_table(&told)->sockets[1].local_port, 50000);
	told_end(&told);
}

/* The same listing with words that nobody has seen. */
TEST(no_word_of_any_language_is_needed)
{
	struct told told;

	told_of(&told,
		"\nXxxx xx\n\n"
		"  Aa     Bb cc                  Dd ee                  Ff              Gg\n"
		"  TCP    0.0.0.0:135            0.0.0.0:0              LYTTER          988\n"
		"  TCP    10.0.0.5:50000         10.0.9.1:443           FORBUNDET       812\n"
		"  TCP    10.0.0.5:50001         10.0.9.1:443           VENTER PAA TID  0\n"
		"  TCP    0.0.0.0:50002          0.0.0.0:0              RESERVERET      812\n"
		"  TCP    0.0.0.0:445            0.0.0.0:0              LYTTER          4\n"
		"  UDP    0.0.0.0:5353           *:*                                    1200\n");
	assert_rows(&told, SOCKET_LISTEN, 2);
	assert_rows(&told, SOCKET_BOUND, 1);
	assert_rows(&told, SOCKET_TIME_WAIT, 1);
	assert_rows(&told, SOCKET_ESTABLISHED, 1);
	assert_true(told_table(&told)->shows_bound);
	assert_string_equal(told_table(&told)->what, "netstat -anoq");
	told_end(&told);
}

TEST(one_word_without_a_peer_is_listening)
{
	struct told told;

	told_of(&told,
		"  Aa     Bb cc                  Dd ee                  Ff              Gg\n"
		"  TCP    0.0.0.0:50002          0.0.0.0:0              LYTTER          812\n");
	assert_rows(&told, SOCKET_LISTEN, 1);
	assert_false(told_table(&told)->shows_bound);
	told_end(&told);
}

/* A word that is known tells what the other is. */
TEST(of_two_words_one_may_be_known)
{
	struct told told;

	told_of(&told, HEADER LISTENS
		"  TCP    0.0.0.0:80             0.0.0.0:0              GEBUNDEN        812\n");
	assert_rows(&told, SOCKET_LISTEN, 1);
	assert_rows(&told, SOCKET_BOUND, 1);
	told_end(&told);
	told_of(&told,
		HEADER BOUND(
			135) "  TCP    0.0.0.0:50002          0.0.0.0:0              LYTTER          812\n");
	assert_rows(&told, SOCKET_LISTEN, 1);
	assert_rows(&told, SOCKET_BOUND, 1);
	told_end(&told);
}

#define GERMAN(o)                                                                             \
	"\r\nAktive Verbindungen\r\n\r\n"                                                     \
	"  Proto  Lokale Adresse         Remoteadresse          Status\r\n"                   \
	"  TCP    0.0.0.0:135            0.0.0.0:0              ABH" o "REN\r\n"              \
	"  TCP    127.0.0.1:50001        127.0.0.1:135          HERGESTELLT\r\n"              \
	"  TCP    127.0.0.1:50002        127.0.0.1:135          FIN_WARTEN_2\r\n"             \
	"  TCP    127.0.0.1:50003        127.0.0.1:135          SCHLIESSEN_WARTEN\r\n"        \
	"  TCP    127.0.0.1:50004        127.0.0.1:135          WARTEND\r\n"                  \
	"  UDP    0.0.0.0:123            *:*                    \r\n"

TEST(german_is_understood_in_its_encodings)
{
	static const char *const texts[] = { GERMAN("\x99"), GERMAN("\xD6"),
					     GERMAN("\xC3\x96") };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct told told;

		told_of(&told, texts[i]);
		assert_rows(&told, SOCKET_LISTEN, 1);
		assert_rows(&told, SOCKET_ESTABLISHED, 1);
		assert_rows(&told, SOCKET_FIN_WAIT2, 1);
		assert_rows(&told, SOCKET_CLOSE_WAIT, 1);
		assert_rows(&told, SOCKET_TIME_WAIT, 1);
		assert_rows(&told, SOCKET_UNCONNECTED, 1);
		assert_string_equal(told_table(&told)->what, "netstat -an");
		assert_false(told_table(&told)->shows_owners);
		assert_int_equal(told_table(&told)->sockets[0].pid, -1);
		told_end(&told);
	}
}

/* UTF-16 as Windows PowerShell writes it, with a mark or without, in both orders of bytes. */
TEST(utf16_is_read)
{
	const char *text = TITLE HEADER LISTENS CONNECTED(50000) DATAGRAM;
	const size_t length = strlen(text);

	for (int kind = 0; kind < 4; kind++) {
		const bool big = kind & 1, marked = kind & 2;
		uint8_t *bytes = calloc(length + 1, 2);
		struct told told;

		bytes[big] = 0xFF;
		bytes[!big] = 0xFE;
		for (size_t i = 0; i < length; i++)
			bytes[2 * i + 2 + big] = (uint8_t)text[i];
		told_begin(&told);
		told_file(&told, bytes + (marked ? 0 : 2), 2 * length + (marked ? 2 : 0));
		assert_int_equal(told_table(&told)->count, 3);
		assert_rows(&told, SOCKET_ESTABLISHED, 1);
		told_end(&told);
		free(bytes);
	}
}

TEST(owners_follow_their_rows)
{
	struct told told;
	const struct dossier_table *table;

	told_of(&told, TITLE HEADER LISTENS
		"  RpcSs\n"
		" [svchost.exe]\n" CONNECTED(50000) " [my app.exe]\n" RESTS(50001)
			BOUND(50002) "  x: 1\n" DATAGRAM
				     " Can not obtain ownership information\n");
	table = told_table(&told);
	assert_int_equal(table->count, 5);
	assert_string_equal(table->sockets[0].name, "svchost.exe");
	assert_string_equal(table->sockets[1].name, "my app.exe");
	assert_null(table->sockets[2].name);
	assert_null(table->sockets[3].name);
	assert_null(table->sockets[4].name);
	assert_string_equal(table->what, "netstat -anobq");
	told_end(&told);
}

/* Windows XP, -anbv: the chain of libraries, and a blank line behind each entry. */
TEST(chains_of_components_are_no_rows_and_no_end)
{
	struct told told;
	const struct dossier_table *table;

	told_of(&told, TITLE HEADER LISTENS
		"  c:\\windows\\system32\\WS2_32.dll\n"
		"  -- unknown component(s) --\n"
		"  [svchost.exe]\n\n" CONNECTED(1030) "  [System]\n\n" DATAGRAM
						      "  [alg.exe]\n");
	table = told_table(&told);
	assert_int_equal(table->count, 3);
	assert_string_equal(table->sockets[0].name, "svchost.exe");
	assert_string_equal(table->sockets[1].name, "System");
	assert_string_equal(table->sockets[2].name, "alg.exe");
	told_end(&told);
}

TEST(addresses_may_be_longer_than_their_column)
{
	struct told told;
	const struct dossier_table *table;

	told_of(&told, HEADER
		"  TCP    [fe80::e908:14c9:dc52:d1d5%5]:50001  [fe80::1%5]:445        ESTABLISHED     4\n"
		"  UDP    [2001:db8::10]:52240  [2001:db8::53]:53                      7608\n");
	table = told_table(&told);
	assert_int_equal(table->count, 2);
	assert_int_equal(table->sockets[0].local.family, FAMILY_IPV6);
	assert_int_equal(table->sockets[0].local_port, 50001);
	assert_int_equal(table->sockets[1].state, SOCKET_ESTABLISHED);
	assert_int_equal(table->sockets[1].remote_port, 53);
	told_end(&told);
}

TEST(names_for_numbers_are_counted_as_unread)
{
	struct told told;

	told_of(&told, TITLE HEADER LISTENS
		"  TCP    MYPC:50188             host.example:https     ESTABLISHED     812\n"
		"  TCP    MYPC:epmap             MYPC:0                 LISTENING       988\n"
		"  TCP    10.0.0.5:99999         10.0.9.1:443           ESTABLISHED     812\n");
	assert_int_equal(told_table(&told)->count, 1);
	assert_int_equal(told_table(&told)->unread_rows, 3);
	assert_non_null(strstr(told_part(&told, "netstat")->partial, "3 rows"));
	told_end(&told);
}

TEST(linux_has_other_rows)
{
	struct told told;

	told_of(&told,
		"Proto Recv-Q Send-Q Local Address           Foreign Address         State\n"
		"tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN\n"
		"TCP        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN\n"
		"TCP Statistics for IPv4\n"
		"TCP: inuse 5 orphan 0\n"
		"UDP: 12:30 x:y\n");
	for (size_t i = 0; i < told.dossier.table_count; i++)
		assert_int_not_equal(told.dossier.tables[i].system, FROM_WINDOWS);
	told_end(&told);
}

TEST(the_command_that_was_typed_tells_what_would_have_been_listed)
{
	static const struct {
		const char *line, *what;
		bool bound, udp, excerpt;
	} cases[] = {
		{ "C:\\>netstat -anoq", "netstat -anoq", true, true, false },
		{ "C:\\Users\\x>netstat  -nao  1>>netstat.txt", "netstat -ano", false, true,
		  false },
		{ "PS C:\\> netstat.exe /ano", "netstat -ano", false, true, false },
		{ "C:\\>netstat -ano -p tcp", "netstat -ano -p tcp", false, false, false },
		{ "C:\\>netstat -ano -p TCPv6", "netstat -ano -p tcp", false, false, true },
		{ "C:\\>netstat -ano | findstr 443", "netstat -ano", false, true, true },
		{ "C:\\>type netstat.txt", "netstat -ano", false, false, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[1024];
		struct told told;
		const struct dossier_table *table;

		snprintf(text, sizeof text, "%s\n%s", cases[i].line,
			 TITLE HEADER LISTENS CONNECTED(50000));
		told_of(&told, text);
		table = told_table(&told);
		assert_that(!strcmp(table->what, cases[i].what) &&
				    table->shows_bound == cases[i].bound &&
				    table->shows_udp == cases[i].udp &&
				    table->is_excerpt == cases[i].excerpt,
			    "'%s': %s, bound %d, udp %d, excerpt %d", cases[i].line,
			    table->what, table->shows_bound, table->shows_udp,
			    table->is_excerpt);
		told_end(&told);
	}
}

TEST(rows_without_a_header_are_an_excerpt)
{
	struct told told;

	told_of(&told, CONNECTED(50000) CONNECTED(50001));
	assert_true(told_table(&told)->is_excerpt);
	assert_false(told_table(&told)->shows_listeners);
	told_end(&told);
}

/* ---- several in one file ---- */

#define LISTING(port)                                                                         \
	TITLE HEADER LISTENS CONNECTED(port)                                                  \
	DATAGRAM

static const struct series_point *point_at(const struct told *told, size_t at)
{
	assert_true(at < told->snapshot.evidence.point_count);
	return &told->snapshot.evidence.points[at];
}

TEST(a_loop_is_a_series_and_its_last_listing_counts)
{
	struct told told;

	told_of(&told, "Wed 01/22/2025 13:05:09.12 \n" LISTING(
			       50000) "Wed 01/22/2025 13:06:09.40 \n" TITLE HEADER LISTENS
			       CONNECTED(50000) CONNECTED(50001) DATAGRAM);
	assert_int_equal(told.snapshot.evidence.point_count, 2);
	assert_int_equal(told_table(&told)->count, 4);
	assert_string_equal(point_at(&told, 0)->stamp, "Wed 01/22/2025 13:05:09.12");
	assert_int_equal(point_at(&told, 1)->time_ms - point_at(&told, 0)->time_ms, 60280);
	assert_true(point_at(&told, 0)->time_is_local);
	assert_int_equal(point_at(&told, 1)->time_ms, told_table(&told)->time_ms);
	told_end(&told);
}

/* As `netstat -ano 60` prints it. */
TEST(listings_without_dates_between_them_are_several_too)
{
	struct told told;

	told_of(&told, LISTING(50000) LISTING(50001) LISTING(50002));
	assert_int_equal(told.snapshot.evidence.point_count, 3);
	assert_int_equal(point_at(&told, 2)->time_ms, 0);
	assert_null(point_at(&told, 2)->stamp);
	told_end(&told);
}

/* Whoever pastes loses the blanks at the beginnings. */
TEST(listings_that_lost_their_indentation_are_several_too)
{
	struct told told;

	told_of(&told, "2025-01-22 13:05:09\n"
		       "TCP 0.0.0.0:135 0.0.0.0:0 LISTENING 988\n"
		       "[svchost.exe]\n"
		       "TCP 10.0.0.5:50000 10.0.9.1:443 ESTABLISHED 812\n"
		       "2025-01-22 13:06:09\n"
		       "TCP 0.0.0.0:135 0.0.0.0:0 LISTENING 988\n"
		       "UDP 0.0.0.0:53 *:* 988\n"
		       "Active Connections\n"
		       "TCP 0.0.0.0:135 0.0.0.0:0 LISTENING 988\n"
		       "UDP 0.0.0.0:53 *:* 988\n");
	assert_int_equal(told.snapshot.evidence.point_count, 3);
	assert_int_equal(point_at(&told, 0)->rows, 2);
	assert_int_equal(point_at(&told, 1)->rows, 2);
	told_end(&told);
}

TEST(a_stamp_belongs_to_the_listing_behind_it_only)
{
	struct told told;

	told_of(&told, "2025-01-22 13:05:09\n" LISTING(50000) LISTING(50001));
	assert_non_null(point_at(&told, 0)->stamp);
	assert_null(point_at(&told, 1)->stamp);
	told_end(&told);
}

TEST(date_and_time_may_be_on_two_lines)
{
	struct told told;

	told_of(&told,
		"Wed 01/22/2025 \n01:05 PM\n" LISTING(50000) "Wed 01/22/2025 \n"
							     "01:06 PM\n" LISTING(50001));
	assert_string_equal(point_at(&told, 0)->stamp, "Wed 01/22/2025 01:05 PM");
	assert_int_equal(point_at(&told, 1)->time_ms - point_at(&told, 0)->time_ms, 60000);
	told_end(&told);
}

/* By one date alone day and month cannot be told, but how much later it is can. */
TEST(an_ambiguous_date_gives_distances_only)
{
	struct told told;

	told_of(&told,
		"01/02/2025 13:05:00\n" LISTING(50000) "01/02/2025 13:06:00\n" LISTING(50001));
	assert_int_equal(point_at(&told, 0)->time_ms, 0);
	assert_int_equal(point_at(&told, 0)->since_ms, 0);
	assert_int_equal(point_at(&told, 1)->since_ms, 60000);
	told_end(&told);
}

TEST(a_clock_alone_goes_on_behind_midnight)
{
	struct told told;

	told_of(&told, "23:59:30.00\n" LISTING(50000) "00:00:30.00\n" LISTING(50001));
	assert_int_equal(point_at(&told, 1)->time_ms, 0);
	assert_int_equal(point_at(&told, 1)->since_ms, 60000);
	told_end(&told);
}

TEST(a_last_listing_that_was_cut_does_not_count)
{
	struct told told;

	told_of(&told,
		LISTING(50000) TITLE HEADER LISTENS "  TCP    10.0.0.5:50000   10.0.9.");
	assert_int_equal(told_table(&told)->count, 3);
	assert_non_null(strstr(told_part(&told, "netstat")->partial, "ends within"));
	told_end(&told);
	/* Between two rows the missing UDP gives it away. */
	told_of(&told, LISTING(50000) TITLE HEADER LISTENS);
	assert_int_equal(told_table(&told)->count, 3);
	told_end(&told);
	/* Alone it is better than nothing. */
	told_of(&told, TITLE HEADER LISTENS "  TCP    10.0.0.5:50000   10.0.9.1:443 ESTAB");
	assert_int_equal(told_table(&told)->count, 1);
	assert_int_equal(told_table(&told)->unread_rows, 1);
	told_end(&told);
}

/* All listings of one file were made by one command, whether each has such ports or not. */
TEST(one_listing_with_bound_ports_tells_of_all)
{
	struct told told;

	told_of(&told,
		LISTING(50000) TITLE HEADER LISTENS BOUND(50001) DATAGRAM LISTING(50002));
	assert_int_equal(told.snapshot.evidence.point_count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(point_at(&told, i)->what, "netstat -anoq");
	assert_true(told_table(&told)->shows_bound);
	told_end(&told);
}

/* netsh between two listings, and something unknown. */
TEST(other_output_may_stand_between)
{
	struct told told;

	told_of(&told,
		"C:\\>netstat -ano\n" LISTING(
			50000) "\nC:\\>netsh int ipv4 show dynamicport tcp\n"
			       "\nProtocol tcp Dynamic Port Range\n---------------------------------\n"
			       "Start Port      : 49152\nNumber of Ports : 16384\n\n"
			       "C:\\>ver\n\nMicrosoft Windows [Version 10.0.19045.3803]\n"
			       "C:\\>netstat -ano\n" LISTING(50001));
	assert_int_equal(told.snapshot.evidence.point_count, 2);
	assert_string_equal(point_at(&told, 1)->what, "netstat -ano");
	assert_int_equal(told.snapshot.windows->ranges[PROTOCOL_TCP][0].range.first, 49152);
	told_end(&told);
}

/* Memory does not grow with them; the last is what the snapshot tells, and all rows are counted. */
TEST(of_very_many_listings_some_are_points)
{
	enum { LISTINGS = 5001 };
	static const char first[] = TITLE HEADER LISTENS CONNECTED(50000) DATAGRAM,
			  last[] = TITLE HEADER LISTENS CONNECTED(50000) CONNECTED(50001)
				  DATAGRAM;
	char *text = malloc(LISTINGS * sizeof last), *at = text;
	const struct evidence_facts *facts;
	struct told told;

	for (int i = 0; i < LISTINGS; i++)
		at += sprintf(at, "%s", i + 1 < LISTINGS ? first : last);
	told_of(&told, text);
	dossier_join(&told.dossier);
	facts = &told.snapshot.evidence;
	assert_int_equal(facts->listing_count, LISTINGS);
	assert_int_equal(facts->point_step, 4);
	assert_int_equal(facts->point_count, LISTINGS / 4 + 1);
	assert_int_equal(facts->points[0].rows, 3);
	assert_int_equal(facts->points[facts->point_count - 1].rows, 4);
	assert_int_equal(facts->totals[0].pid, 812);
	assert_int_equal(facts->totals[0].rows, LISTINGS + 1);
	told_end(&told);
	free(text);
}

SUITE(windows_netstat, cmocka_unit_test(rows_have_their_states_and_owners),
      cmocka_unit_test(no_word_of_any_language_is_needed),
      cmocka_unit_test(what_mail_quotes_is_read),
      cmocka_unit_test(one_word_without_a_peer_is_listening),
      cmocka_unit_test(of_two_words_one_may_be_known),
      cmocka_unit_test(german_is_understood_in_its_encodings), cmocka_unit_test(utf16_is_read),
      cmocka_unit_test(owners_follow_their_rows),
      cmocka_unit_test(chains_of_components_are_no_rows_and_no_end),
      cmocka_unit_test(addresses_may_be_longer_than_their_column),
      cmocka_unit_test(names_for_numbers_are_counted_as_unread),
      cmocka_unit_test(linux_has_other_rows),
      cmocka_unit_test(the_command_that_was_typed_tells_what_would_have_been_listed),
      cmocka_unit_test(rows_without_a_header_are_an_excerpt),
      cmocka_unit_test(a_loop_is_a_series_and_its_last_listing_counts),
      cmocka_unit_test(listings_without_dates_between_them_are_several_too),
      cmocka_unit_test(listings_that_lost_their_indentation_are_several_too),
      cmocka_unit_test(a_stamp_belongs_to_the_listing_behind_it_only),
      cmocka_unit_test(date_and_time_may_be_on_two_lines),
      cmocka_unit_test(an_ambiguous_date_gives_distances_only),
      cmocka_unit_test(a_clock_alone_goes_on_behind_midnight),
      cmocka_unit_test(a_last_listing_that_was_cut_does_not_count),
      cmocka_unit_test(one_listing_with_bound_ports_tells_of_all),
      cmocka_unit_test(other_output_may_stand_between),
      cmocka_unit_test(of_very_many_listings_some_are_points));
