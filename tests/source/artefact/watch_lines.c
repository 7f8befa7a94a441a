#include "windows/told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines as portroom watch --json writes them, of what matters to the reader. */
#define LINE(minute, used, verdict)                                                                 \
	"{\"schema\":\"portroom.watch/1\",\"time\":\"2026-01-02T03:" minute                         \
	":00.000Z\",\"verdict\":\"" verdict                                                         \
	"\",\"host\":{\"name\":\"WEB1\",\"os\":\"Windows 11 Pro 23H2\",\"kernel\":\"10.0.22631\"}," \
	"\"fullest\":{\"namespace\":\"0\",\"protocol\":\"tcp\",\"call\":\"connect\","               \
	"\"source\":\"10.0.0.5\",\"destination\":\"10.0.9.1\",\"port\":443,\"capacity\":16384,"     \
	"\"room_min\":300,\"room_max\":300},\"culprit\":{\"pid\":4711,\"name\":\"leaky.exe\","      \
	"\"unit\":null,\"ports\":40},\"pools\":[{\"protocol\":\"tcp\",\"family\":\"ipv4\","         \
	"\"first\":49152,\"last\":65535,\"capacity\":16300,\"used\":" used                          \
	"},{\"protocol\":\"udp\",\"family\":\"ipv6\",\"first\":49152,\"last\":65535,"               \
	"\"capacity\":16384,\"used\":7}],\"processes\":[{\"pid\":4711,\"name\":\"leaky.exe\","      \
	"\"ports\":40,\"established\":30,\"close_wait\":4,\"bound\":6}],"                           \
	"\"states\":{\"established\":90,\"bound\":6,\"close_wait\":4,\"time_wait\":5},"             \
	"\"udp\":11,\"opens_per_s\":null,\"failed_calls\":null,\"lost_lines\":0,\"gaps\":0}\n"

static const struct evidence_facts *joined(struct told *told, const char *text)
{
	told_of(told, text);
	dossier_join(&told->dossier);
	return &told->snapshot.evidence;
}

TEST(each_look_is_a_point)
{
	struct told told;
	const struct evidence_facts *facts =
		joined(&told, LINE("04", "1000", "ok") LINE("05", "1200", "warning"));
	const struct series_point *last;

	assert_int_equal(facts->point_count, 2);
	last = &facts->points[1];
	assert_true(last->is_counted);
	assert_int_equal(last->counted[PROTOCOL_TCP][0].used, 1200);
	assert_int_equal(last->counted[PROTOCOL_TCP][0].size, 16300);
	assert_int_equal(last->counted[PROTOCOL_UDP][1].used, 7);
	assert_int_equal(last->counted[PROTOCOL_TCP][1].size, 0);
	assert_true(last->time_ms - facts->points[0].time_ms == 60000);
	assert_int_equal(last->established, 90);
	assert_int_equal(last->share_count, 1);
	assert_int_equal(last->shares[0].pid, 4711);
	assert_int_equal(last->shares[0].ports, 40);
	assert_int_equal(last->shares[0].bound, 6);
	assert_string_equal(told_part(&told, "portroom watch")->used_for, "how it went on");
	told_end(&told);
}

/* `>>` of Windows PowerShell 5. */
TEST(lines_in_utf_16_are_the_same_lines)
{
	static const char text[] = LINE("04", "1000", "ok") LINE("05", "1200", "ok");
	char bytes[2 + 2 * sizeof text] = "\xff\xfe";
	struct told told;

	for (size_t i = 0; i < sizeof text - 1; i++)
		bytes[2 + 2 * i] = text[i];
	told_begin(&told);
	told_file(&told, bytes, 2 * sizeof text);
	dossier_join(&told.dossier);
	assert_int_equal(told.snapshot.evidence.point_count, 2);
	assert_int_equal(told.snapshot.evidence.points[1].counted[PROTOCOL_TCP][0].used, 1200);
	told_end(&told);
}

TEST(a_line_says_of_which_machine_it_is)
{
	struct told told;

	joined(&told, LINE("04", "1000", "ok") LINE("05", "1200", "ok"));
	assert_non_null(told.snapshot.windows);
	assert_string_equal(told.snapshot.host_name, "WEB1");
	assert_string_equal(told.snapshot.kernel, "10.0.22631");
	assert_int_equal(
		windows_range_at(told.snapshot.windows, PROTOCOL_TCP, FAMILY_IPV4)->range.last,
		65535);
	assert_string_equal(told_process(&told, 4711)->name, "leaky.exe");
	told_end(&told);
}

TEST(what_the_last_look_found_is_kept)
{
	struct told told;
	const struct evidence_facts *facts =
		joined(&told, LINE("04", "1000", "ok") LINE("05", "16300", "critical"));

	assert_string_equal(facts->look.verdict, "critical");
	assert_int_equal(facts->look.room, 300);
	assert_int_equal(facts->look.capacity, 16384);
	assert_string_equal(facts->look.fullest, "tcp 10.0.0.5 -> 10.0.9.1:443");
	assert_int_equal(told.snapshot.processes[facts->look.process].pid, 4711);
	assert_true(facts->look.time_ms == facts->points[1].time_ms);
	told_end(&told);
}

/* Not that no file lists sockets: these lines have counted them. */
TEST(why_there_are_no_sockets_is_told)
{
	struct told told;
	size_t found = 0;

	joined(&told, LINE("04", "1000", "ok") LINE("05", "1200", "ok"));
	for (size_t i = 0; i < told.snapshot.gap_count; i++)
		found += !strcmp(told.snapshot.gaps[i].what, "TCP sockets") &&
			 strstr(told.snapshot.gaps[i].why, "portroom watch");
	assert_int_equal(found, 1);
	told_end(&told);
}

TEST(a_file_cut_off_has_the_looks_before)
{
	char text[] =
		LINE("04", "1000", "ok") LINE("05", "1100", "ok") LINE("06", "1200", "ok");
	struct told told;
	const struct evidence_facts *facts;

	text[strlen(text) - 100] = '\0';
	facts = joined(&told, text);
	assert_int_equal(facts->point_count, 2);
	assert_non_null(strstr(told_part(&told, "portroom watch")->partial, "cut off"));
	told_end(&told);
}

TEST(lines_of_an_earlier_portroom_have_no_ports_and_are_passed_over)
{
	static const char old[] =
		"{\"schema\":\"portroom.watch/1\",\"time\":\"2026-01-02T03:04:00.000Z\","
		"\"verdict\":\"ok\",\"fullest\":null,\"culprit\":null,\"states\":{},\"udp\":1}\n";
	struct told told;
	char text[4096];
	const struct evidence_facts *facts = joined(&told, old);

	assert_int_equal(facts->point_count, 0);
	assert_null(facts->look.verdict);
	assert_non_null(facts->artefacts[0].why_not);
	told_end(&told);
	snprintf(text, sizeof text, "%s%s", old,
		 LINE("05", "1100", "ok") LINE("06", "1200", "ok"));
	facts = joined(&told, text);
	assert_int_equal(facts->point_count, 2);
	assert_non_null(strstr(told_part(&told, "portroom watch")->partial, "1 line"));
	told_end(&told);
}

TEST(numbers_that_cannot_be_are_no_numbers)
{
	struct told told;
	const struct evidence_facts *facts =
		joined(&told, LINE("04", "99999999999999999999", "ok") LINE("05", "-3", "ok"));

	assert_int_equal(facts->point_count, 2);
	assert_int_equal(facts->points[0].counted[PROTOCOL_TCP][0].size, 0);
	assert_int_equal(facts->points[1].counted[PROTOCOL_TCP][0].size, 0);
	told_end(&told);
	/* More than there are. */
	facts = joined(&told, LINE("04", "20000", "ok") LINE("05", "20000", "ok"));
	assert_int_equal(facts->points[0].counted[PROTOCOL_TCP][0].used, 16300);
	told_end(&told);
}

TEST(of_very_many_looks_some_are_points_and_the_last_is)
{
	enum { LOOKS = 5000 };
	static const char line[] = LINE("04", "1000", "ok");
	char *text = malloc(LOOKS * sizeof line + 2 * sizeof line), *at = text;
	const struct evidence_facts *facts;
	struct told told;

	for (int i = 0; i < LOOKS; i++)
		at += sprintf(at, "%s", line);
	sprintf(at, "%s", LINE("09", "1111", "ok"));
	facts = joined(&told, text);
	assert_int_equal(facts->listing_count, LOOKS + 1);
	assert_true(facts->point_count > 1000 && facts->point_count <= 2049);
	assert_int_equal(facts->points[facts->point_count - 1].counted[PROTOCOL_TCP][0].used,
			 1111);
	assert_int_equal(facts->points[facts->point_count - 1].shares[0].ports, 40);
	told_end(&told);
	free(text);
}

SUITE(watch_lines, cmocka_unit_test(each_look_is_a_point),
      cmocka_unit_test(lines_in_utf_16_are_the_same_lines),
      cmocka_unit_test(a_line_says_of_which_machine_it_is),
      cmocka_unit_test(what_the_last_look_found_is_kept),
      cmocka_unit_test(why_there_are_no_sockets_is_told),
      cmocka_unit_test(a_file_cut_off_has_the_looks_before),
      cmocka_unit_test(lines_of_an_earlier_portroom_have_no_ports_and_are_passed_over),
      cmocka_unit_test(numbers_that_cannot_be_are_no_numbers),
      cmocka_unit_test(of_very_many_looks_some_are_points_and_the_last_is));
