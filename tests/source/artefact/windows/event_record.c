#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct logged_event *event_of(const struct told *told, uint32_t id)
{
	const struct evidence_facts *facts = &told->snapshot.evidence;

	for (size_t i = 0; i < facts->event_count; i++)
		if (facts->events[i].id == id)
			return &facts->events[i];
	return NULL;
}

static void assert_event(const struct told *told, uint32_t id, const char *provider,
			 int64_t last_ms)
{
	const struct logged_event *event = event_of(told, id);

	assert_that(event != NULL, "event %u", (unsigned)id);
	assert_string_equal(event->provider, provider);
	assert_int_equal(event->count, 1);
	assert_int_equal(event->last_ms, last_ms);
}

/* 9:31 of a clock that is not known */
#define MOMENT INT64_C(1774171860000)

TEST(the_provider_stands_above_the_table)
{
	static const char text[] =
		"PS C:\\> Get-WinEvent -LogName System -MaxEvents 2\n\n\n"
		"   ProviderName: Tcpip\n\n"
		"TimeCreated                     Id LevelDisplayName Message\n"
		"-----------                     -- ---------------- -------\n"
		"3/22/2026 9:31:00 AM          4231 Warning          No port was free...\n\n\n"
		"   ProviderName: Microsoft-Windows-GroupPolicy\n\n"
		"TimeCreated                     Id LevelDisplayName Message\n"
		"-----------                     -- ---------------- -------\n"
		"3/22/2026 9:31:00 AM          1129 Error            Nobody was reached...\n\n";
	struct told told;

	told_of(&told, text);
	assert_event(&told, 4231, "Tcpip", MOMENT);
	assert_event(&told, 1129, "Microsoft-Windows-GroupPolicy", MOMENT);
	assert_true(told.snapshot.evidence.logs[0].excerpt);
	told_end(&told);
}

TEST(the_whole_code_has_the_number_in_its_lower_half)
{
	struct told told;

	told_of(&told,
		"   Index Time          EntryType   Source                 InstanceID Message\n"
		"   ----- ----          ---------   ------                 ---------- -------\n"
		"   14996 Mar 22 09:31  Warning     Tcpip                  2147487879 No port...\n");
	assert_event(&told, 4231, "Tcpip", 0);
	assert_string_equal(event_of(&told, 4231)->text, "Mar 22 09:31: No port...");
	told_end(&told);
}

TEST(a_list_has_one_property_a_line)
{
	struct told told;

	told_of(&told,
		"TimeCreated  : 3/22/2026 9:31:00 AM\nProviderName : Tcpip\n"
		"Id           : 4266\nMessage      : No port\n               was free.\n\n"
		"TimeCreated  : 3/22/2026 9:31:00 AM\nProviderName : Another\n"
		"Id           : 4231\nMessage      : x\n");
	assert_event(&told, 4266, "Tcpip", MOMENT);
	assert_null(event_of(&told, 4231));
	told_end(&told);
}

TEST(a_message_of_many_lines_may_be_the_first_column)
{
	struct told told;

	told_of(&told,
		"\"Message\",\"Id\",\"ProviderName\",\"LogName\",\"TimeCreated\"\n"
		"\"No port, as \"\"they\"\" say,\nwas\nfree\",\"4231\",\"Tcpip\",\"System\","
		"\"3/22/2026 9:31:00 AM\"\n"
		"\"x\",\"4227\",\"Tcpip\",\"System\",\"3/22/2026 9:31:00 AM\"\n");
	assert_event(&told, 4231, "Tcpip", MOMENT);
	assert_event(&told, 4227, "Tcpip", MOMENT);
	assert_null(told_part(&told, "Get-WinEvent")->partial);
	told_end(&told);
}

TEST(quotes_that_never_end_do_not_take_for_ever)
{
	enum { LINES = 200000 };
	static const char names[] = "\"Message\",\"Id\",\"ProviderName\",\"TimeCreated\"\n";
	char *text = malloc(sizeof names + LINES * 8), *at = text;
	struct told told;

	at += sprintf(at, "%s\"\n", names);
	for (int i = 0; i < LINES; i++)
		at += sprintf(at, "\" \"\n");
	told_of(&told, text);
	assert_int_equal(told.snapshot.evidence.event_count, 0);
	told_end(&told);
	free(text);
}

TEST(json_has_times_of_both_powershells)
{
	struct told told;

	told_of(&told,
		"[{\"Id\":4231,\"ProviderName\":\"Tcpip\",\"LogName\":\"System\","
		"\"TimeCreated\":\"\\/Date(1774171860000)\\/\",\"Properties\":[{\"Value\":\"\"}]},\n"
		"{\"Id\":4227,\"ProviderName\":\"Tcpip\",\"TimeCreated\":\"2026-03-22T09:31:00Z\"}]");
	assert_event(&told, 4231, "Tcpip", MOMENT);
	assert_event(&told, 4227, "Tcpip", MOMENT);
	assert_false(event_of(&told, 4231)->time_is_local);
	told_end(&told);
}

TEST(what_event_viewer_saves_is_read_in_any_language)
{
	static const char *const texts[] = {
		"Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\n"
		"Warnung,22.03.2026 09:31:00,Tcpip,4231,Keine,\"Kein Anschluss, der\nfrei\"\n"
		"Warnung,22.03.2026 09:31:00,Other,4227,Keine,x\n",
		"Level\tDate and Time\tSource\tEvent ID\tTask Category\n"
		"Warning\t3/22/2026 9:31:00 AM\tTcpip\t4231\tNone\tno port\n",
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct told told;

		told_of(&told, texts[i]);
		assert_event(&told, 4231, "Tcpip", MOMENT);
		assert_null(event_of(&told, 4227));
		assert_int_equal(told_part(&told, "event_rows")->records, i ? 1 : 2);
		told_end(&told);
	}
}

SUITE(event_record, cmocka_unit_test(the_provider_stands_above_the_table),
      cmocka_unit_test(the_whole_code_has_the_number_in_its_lower_half),
      cmocka_unit_test(a_list_has_one_property_a_line),
      cmocka_unit_test(a_message_of_many_lines_may_be_the_first_column),
      cmocka_unit_test(quotes_that_never_end_do_not_take_for_ever),
      cmocka_unit_test(json_has_times_of_both_powershells),
      cmocka_unit_test(what_event_viewer_saves_is_read_in_any_language));
