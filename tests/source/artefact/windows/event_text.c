#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 16 };

static void told_of_fixture(struct told *told, const char *name)
{
	static char bytes[FILE_MOST];
	char path[512];
	FILE *file;
	size_t size;

	snprintf(path, sizeof path, FIXTURES "/evidence/events/%s", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	size = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	told_begin(told);
	told_file(told, bytes, size);
}

static const struct logged_event *event_of(const struct told *told, uint32_t id)
{
	const struct evidence_facts *facts = &told->snapshot.evidence;

	for (size_t i = 0; i < facts->event_count; i++)
		if (facts->events[i].id == id)
			return &facts->events[i];
	return NULL;
}

static const struct logged_log *only_log(const struct told *told)
{
	assert_int_equal(told->snapshot.evidence.log_count, 1);
	return &told->snapshot.evidence.logs[0];
}

static uint64_t count_of(const struct told *told, uint32_t id)
{
	const struct logged_event *event = event_of(told, id);

	return event ? event->count : 0;
}

/* ---- XML ---- */

#define EVENT(number, provider, id)                                                           \
	"<Event xmlns='x'><System><Provider Name='" provider                                  \
	"'/><EventID Qualifiers='32768'>" #id                                                 \
	"</EventID><TimeCreated SystemTime='2026-03-02T08:31:00Z'/><EventRecordID>" #number   \
	"</EventRecordID><Channel>System</Channel></System></Event>"

TEST(xml_has_events_of_the_provider_and_no_other)
{
	struct told told;

	told_of_fixture(&told, "wevtutil.xml");
	assert_int_equal(told_part(&told, "event_text")->records, 28);
	assert_int_equal(count_of(&told, 4227), 1);
	assert_int_equal(count_of(&told, 4231), 2); /* a third is of another provider */
	assert_string_equal(event_of(&told, 4231)->provider, "Tcpip");
	assert_int_equal(event_of(&told, 4231)->first_ms, INT64_C(1772440260500));
	assert_int_equal(event_of(&told, 4231)->last_ms, INT64_C(1772440860500));
	assert_false(event_of(&told, 4231)->time_is_local);
	assert_int_equal(only_log(&told)->records, 28);
	assert_int_equal(only_log(&told)->missing, 0);
	assert_false(only_log(&told)->excerpt);
	assert_int_equal(only_log(&told)->oldest_ms, INT64_C(1772323200123));
	told_end(&told);
}

TEST(xml_in_one_line_is_the_same)
{
	struct told told;

	told_of_fixture(&told, "saved.xml");
	assert_int_equal(count_of(&told, 4231), 2);
	assert_int_equal(only_log(&told)->records, 28);
	told_end(&told);
}

TEST(a_line_of_xml_may_be_longer_than_lines_are)
{
	enum { COPIES = 1000 };
	static const char event[] = EVENT(7, "Tcpip", 4231);
	char *text = malloc(COPIES * sizeof event + 64), *at = text;
	struct told told;

	at += sprintf(at, "<Events>");
	for (int i = 0; i < COPIES; i++)
		at += sprintf(at, "%s", event);
	told_of(&told, text);
	assert_int_equal(count_of(&told, 4231), COPIES);
	assert_int_equal(told_part(&told, "event_document")->records, COPIES);
	assert_null(told_part(&told, "event_document")->partial);
	told_end(&told);
	strcpy(at, "<Event><System><EventID>4231</EventID><Provider Name='Tcpip'/>");
	told_of(&told, text);
	assert_int_equal(count_of(&told, 4231), COPIES + 1);
	assert_non_null(strstr(told_part(&told, "event_document")->partial, "no end"));
	told_end(&told);
	free(text);
}

TEST(entities_and_quotes_do_not_confuse_it)
{
	struct told told;

	told_of(&told,
		"<Event a='>' b=\"'>\"><!-- don't --><System><Provider Name='&#84;cp&#x69;p'/>"
		"<EventID>4266</EventID></System><EventData><Data>a &lt;b&gt; &amp;amp; &nope; "
		"&#0;</Data><Data Name='x'>c</Data></EventData></Event>\n");
	assert_int_equal(count_of(&told, 4266), 1);
	assert_string_equal(event_of(&told, 4266)->text, "a <b> &amp; &nope; &#0;, c");
	told_end(&told);
}

TEST(only_the_log_system_has_events_of_the_driver)
{
	struct told told;

	told_of(&told, "<Event><System><Provider Name='Tcpip'/><EventID>4231</EventID>"
		       "<Channel>Application</Channel></System></Event>\n"
		       "<Event><System><Provider Name='Tcpip6x'/><EventID>4231</EventID>"
		       "<Channel>System</Channel></System></Event>\n");
	assert_int_equal(count_of(&told, 4231), 0);
	assert_int_equal(told.snapshot.evidence.log_count, 2);
	told_end(&told);
}

TEST(holes_are_counted_and_a_choice_is_an_excerpt)
{
	char text[1 << 15], *at = text;
	struct told told;

	for (int i = 0; i < 40; i++)
		if (i < 10 || i > 14)
			at += sprintf(at,
				      "<Event><System><Provider Name='x'/><EventID>1</EventID>"
				      "<EventRecordID>%d</EventRecordID></System></Event>\n",
				      100 + i);
	told_of(&told, text);
	assert_int_equal(only_log(&told)->missing, 5);
	assert_false(only_log(&told)->excerpt);
	told_end(&told);
	at = text;
	for (int i = 0; i < 40; i++)
		at += sprintf(at,
			      "<Event><System><Provider Name='x'/><EventID>1</EventID>"
			      "<EventRecordID>%d</EventRecordID></System></Event>\n",
			      100 + 3 * i);
	told_of(&told, text);
	assert_true(only_log(&told)->excerpt);
	told_end(&told);
}

TEST(a_log_is_cleared_by_the_event_that_names_it)
{
	static const char form[] =
		"<Event><System><Provider Name='Microsoft-Windows-Eventlog'/><EventID>104</EventID>"
		"<TimeCreated SystemTime='2026-03-02T08:31:00Z'/><Channel>System</Channel></System>"
		"<UserData><LogFileCleared><Channel>%s</Channel></LogFileCleared></UserData></Event>\n";
	char text[1024];
	struct told told;

	snprintf(text, sizeof text, form, "System");
	told_of(&told, text);
	assert_true(only_log(&told)->cleared);
	assert_int_equal(only_log(&told)->cleared_ms, INT64_C(1772440260000));
	told_end(&told);
	snprintf(text, sizeof text, form, "Application");
	told_of(&told, text);
	assert_false(only_log(&told)->cleared);
	assert_int_equal(count_of(&told, 104), 1);
	told_end(&told);
}

#define OF_COMPUTER(hour, channel, computer)                                                      \
	"<Event><System><Provider Name='Tcpip'/><EventID>4227</EventID><TimeCreated SystemTime='" \
	"2026-03-02T" hour ":31:00Z'/><Channel>" channel "</Channel><Computer>" computer          \
	"</Computer></System></Event>\n"

TEST(a_machine_that_was_renamed_is_one)
{
	struct told told;

	told_of(&told, OF_COMPUTER("09", "System", "WEB01.shop.example")
			       OF_COMPUTER("08", "System", "WIN-7Q2M5SVT9KD")
				       OF_COMPUTER("10", "ForwardedEvents", "WEB02"));
	assert_string_equal(told.snapshot.host_name, "WEB01.shop.example");
	assert_null(told.dossier.hosts[1].name);
	told_end(&told);
}

TEST(what_a_browser_shows_of_xml_is_read_and_other_text_ends_it)
{
	struct told told;

	told_of(&told, "- <Event>\n- <System>\n<Provider Name=\"Tcpip\" />\n"
		       "<EventID>4227</EventID>\n</System>\nand so on\n");
	assert_int_equal(count_of(&told, 4227), 1);
	assert_non_null(strstr(told_part(&told, "event_text")->partial, "line 6"));
	told_end(&told);
}

/* ---- text ---- */

TEST(a_copy_in_another_language_is_read_by_the_order_of_its_lines)
{
	struct told told;

	told_of_fixture(&told, "copy.txt");
	assert_int_equal(told_part(&told, "event_text")->records, 2);
	assert_int_equal(count_of(&told, 4231), 1); /* text and XML are one */
	assert_int_equal(event_of(&told, 4231)->last_ms, INT64_C(1772440260500));
	assert_false(event_of(&told, 4231)->time_is_local);
	assert_non_null(strstr(event_of(&told, 4231)->text, "hätte vergeben"));
	assert_int_equal(count_of(&told, 5719), 1);
	/* Beside times in UTC one of an unknown zone is text. */
	assert_int_equal(event_of(&told, 5719)->last_ms, 0);
	assert_non_null(strstr(event_of(&told, 5719)->text, "02.03.2026 09:40:00: Es gab"));
	assert_true(only_log(&told)->excerpt);
	told_end(&told);
}

TEST(the_text_of_wevtutil_is_read)
{
	struct told told;

	told_of_fixture(&told, "wevtutil.txt");
	assert_int_equal(count_of(&told, 4231), 1);
	assert_int_equal(count_of(&told, 1129), 1);
	assert_true(event_of(&told, 4231)->time_is_local);
	assert_int_equal(event_of(&told, 4231)->last_ms, INT64_C(1772443860500));
	assert_string_equal(event_of(&told, 4231)->text,
			    "No port was free that Windows could have given.");
	told_end(&told);
}

TEST(four_lines_that_are_no_event_are_none)
{
	struct told told;

	told_of(&told,
		"Log Name: System\nSource: 12\nDate: 1/15/2019 9:01:10 PM\nEvent ID: 1\n");
	assert_int_equal(told.snapshot.evidence.log_count, 0);
	told_end(&told);
	told_of(&told,
		"Name: Printer\nSource: Tcpip\nDate: 1/15/2019 9:01:10 PM\nEvent ID: 4231\n");
	assert_int_equal(told.snapshot.evidence.log_count, 0);
	told_end(&told);
}

SUITE(event_text, cmocka_unit_test(xml_has_events_of_the_provider_and_no_other),
      cmocka_unit_test(xml_in_one_line_is_the_same),
      cmocka_unit_test(a_line_of_xml_may_be_longer_than_lines_are),
      cmocka_unit_test(entities_and_quotes_do_not_confuse_it),
      cmocka_unit_test(only_the_log_system_has_events_of_the_driver),
      cmocka_unit_test(holes_are_counted_and_a_choice_is_an_excerpt),
      cmocka_unit_test(a_log_is_cleared_by_the_event_that_names_it),
      cmocka_unit_test(a_machine_that_was_renamed_is_one),
      cmocka_unit_test(what_a_browser_shows_of_xml_is_read_and_other_text_ends_it),
      cmocka_unit_test(a_copy_in_another_language_is_read_by_the_order_of_its_lines),
      cmocka_unit_test(the_text_of_wevtutil_is_read),
      cmocka_unit_test(four_lines_that_are_no_event_are_none));
