#include "windows/told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines as portroom trace --save writes them. */
#define START(source, filtered)                                                               \
	"{\"line\":\"start\",\"time\":\"2026-01-02T03:04:00.000Z\",\"schema\":"               \
	"\"portroom.trace/1\",\"source\":\"" source                                           \
	"\",\"why_not_bpf\":null,\"kinds\":[{\"kind\":\"tcp_connect\",\"covered\":true,"      \
	"\"remark\":null},{\"kind\":\"bind\",\"covered\":false,\"remark\":\"--cheap\"}],"     \
	"\"slows_calls_ns\":0,\"filtered\":" filtered "}\n"
#define OF_LINUX(second, pid, name)                                                           \
	"{\"line\":\"failure\",\"time\":\"2026-01-02T03:04:" second                           \
	".500Z\",\"protocol\":\"tcp\",\"call\":\"connect\",\"error\":\"EADDRNOTAVAIL\","      \
	"\"source\":\"10.0.0.5\",\"destination\":\"10.0.9.1\",\"port\":5432,"                 \
	"\"range_first\":40000,\"range_last\":40099,\"namespace\":\"4026532177\","            \
	"\"namespace_name\":\"blue\",\"pid\":" pid ",\"name\":\"" name                        \
	"\",\"user\":\"app\",\"user_id\":1000,\"unit\":\"billing.service\","                  \
	"\"container\":null,\"room\":null,\"room_min\":0,\"room_max\":3,"                     \
	"\"room_time\":\"2026-01-02T03:04:00.400Z\"}\n"
#define OF_WINDOWS(status, want, port)                                                        \
	"{\"line\":\"failure\",\"time\":\"2026-01-02T03:04:01.000Z\",\"protocol\":null,"      \
	"\"call\":\"bind\",\"error\":\"WSAENOBUFS\",\"ntstatus\":\"" status                   \
	"\",\"status\":null,\"meaning\":null,\"want_of_port\":" want ",\"source_port\":" port \
	",\"source\":\"0.0.0.0\",\"destination\":null,"                                       \
	"\"port\":null,\"range_first\":null,\"range_last\":null,\"namespace\":null,"          \
	"\"namespace_name\":null,\"pid\":4711,\"name\":\"leaky.exe\",\"user\":null,"          \
	"\"user_id\":null,\"unit\":null,\"container\":null,\"room\":null,"                    \
	"\"room_min\":null,\"room_max\":null,\"room_time\":null}\n"
#define LOST(count)                                                                           \
	"{\"line\":\"lost\",\"time\":\"2026-01-02T03:04:06.000Z\",\"count\":" count "}\n"
#define END(failures, lost)                                                                   \
	"{\"line\":\"end\",\"time\":\"2026-01-02T03:04:10.000Z\",\"seconds\":10.0000,"        \
	"\"failures\":" failures ",\"lost\":" lost ",\"unclear\":0}\n"

static const uint32_t too_many = 0xC0000209;

/* What is handed on. */
struct heard {
	size_t count;
	struct failure last;
	char name[32];
};

static void hear(void *context, const struct failure *failure)
{
	struct heard *heard = context;

	heard->count++;
	heard->last = *failure;
	snprintf(heard->name, sizeof heard->name, "%s", failure->process->name);
}

static const struct evidence_facts *read_text(struct told *told, const char *text,
					      struct heard *heard)
{
	*heard = (struct heard){ 0 };
	told_begin(told);
	told->dossier.on_failure = hear;
	told->dossier.context = heard;
	told_file(told, text, strlen(text));
	return &told->snapshot.evidence;
}

static const char *note_of(const struct told *told)
{
	return told_part(told, "portroom trace")->partial;
}

TEST(a_recording_of_linux_has_its_calls)
{
	struct told told;
	struct heard heard;
	const struct evidence_facts *facts =
		read_text(&told,
			  START("bpf", "false") OF_LINUX("01", "812", "billing")
				  OF_LINUX("02", "812", "billing") END("2", "0"),
			  &heard);
	const struct traced_failure *failure = facts->failures;

	assert_int_equal(facts->failure_count, 1);
	assert_int_equal(failure->count, 2);
	assert_string_equal(failure->error, "EADDRNOTAVAIL");
	assert_int_equal(failure->status, 0);
	assert_true(traced_failure_wants_port(failure));
	assert_true(failure->netns == 4026532177);
	assert_string_equal(failure->netns_name, "blue");
	assert_int_equal(failure->remote_port, 5432);
	assert_true(failure->last_ms - failure->first_ms == 1000);
	assert_int_equal(told.snapshot.processes[failure->process].pid, 812);
	assert_string_equal(told.snapshot.processes[failure->process].unit, "billing.service");
	assert_int_equal(facts->traces[0].events, 2);
	assert_true(facts->traces[0].last_ms - facts->traces[0].first_ms == 10000);
	assert_false(facts->traces[0].incomplete);
	assert_null(note_of(&told));
	dossier_join(&told.dossier);
	assert_null(told.snapshot.windows);
	told_end(&told);
}

TEST(a_call_is_handed_on_as_it_was_seen)
{
	struct told told;
	struct heard heard;

	read_text(&told, START("bpf", "false") OF_LINUX("01", "812", "billing") END("1", "0"),
		  &heard);
	assert_int_equal(heard.count, 1);
	assert_string_equal(heard.last.error, "EADDRNOTAVAIL");
	assert_int_equal(heard.last.own_range.first, 40000);
	assert_int_equal(heard.last.own_range.last, 40099);
	assert_true(heard.last.room.known && heard.last.room.min == 0 &&
		    heard.last.room.max == 3);
	assert_false(heard.last.other_reason);
	told_end(&told);
}

/* A pid that was given twice: what is handed on is who had it then. */
TEST(a_process_is_named_as_at_the_call)
{
	struct told told;
	struct heard heard;

	read_text(&told,
		  START("bpf", "false") OF_LINUX("01", "812", "billing")
			  OF_LINUX("02", "812", "curl") END("2", "0"),
		  &heard);
	assert_string_equal(heard.name, "curl");
	assert_string_equal(told_process(&told, 812)->name, "billing");
	told_end(&told);
}

TEST(a_recording_of_windows_is_as_an_event_trace)
{
	struct told told;
	struct heard heard;
	const struct evidence_facts *facts =
		read_text(&told,
			  START("etw", "false") OF_WINDOWS("0xC0000209", "true", "0")
				  OF_WINDOWS("0xC000020A", "false", "443")
					  OF_WINDOWS("0xC0000001", "true", "0") END("3", "0"),
			  &heard);

	assert_int_equal(facts->failure_count, 3);
	assert_true(facts->failures[0].status == too_many);
	assert_null(facts->failures[0].error);
	assert_true(facts->failures[0].ephemeral);
	assert_false(facts->failures[0].protocol_known);
	assert_true(traced_failure_wants_port(&facts->failures[0]));
	assert_false(facts->failures[1].ephemeral);
	assert_false(traced_failure_wants_port(&facts->failures[1]));
	assert_true(traced_failure_wants_port(&facts->failures[2]));
	assert_true(traced_trace_shows_failures(&facts->traces[0]));
	dossier_join(&told.dossier);
	assert_non_null(told.snapshot.windows);
	told_end(&told);
}

TEST(what_was_watched_for_is_kept)
{
	struct told told;
	struct heard heard;
	const struct traced_recording *recording =
		read_text(&told, START("perf", "true") END("0", "0"), &heard)
			->traces[0]
			.recording;

	assert_string_equal(recording->source, "perf");
	assert_true(recording->filtered);
	assert_true(recording->ended);
	assert_true(recording->coverage[FAILURE_TCP_CONNECT].covered);
	assert_false(recording->coverage[FAILURE_ANY_BIND].covered);
	assert_string_equal(recording->coverage[FAILURE_ANY_BIND].remark, "--cheap");
	told_end(&told);
}

/* A full disk, or somebody's kill -9: at whatever byte. */
TEST(a_file_cut_anywhere_has_the_lines_before)
{
	static const char whole[] = START("bpf", "false") OF_LINUX("01", "812", "billing")
		OF_LINUX("02", "900", "other");
	const size_t first = strlen(START("bpf", "false")),
		     second = first + strlen(OF_LINUX("01", "812", "billing"));
	char text[sizeof whole];

	for (size_t size = first; size < strlen(whole); size++) {
		struct told told;
		struct heard heard;
		/* Without its end of line a line is whole all the same. */
		size_t lines = (size + 1 >= second) + (size + 1 >= strlen(whole));
		bool within = size != first && size + 1 != second && size != second &&
			      size + 1 != strlen(whole);

		memcpy(text, whole, size);
		text[size] = '\0';
		read_text(&told, text, &heard);
		assert_int_equal(heard.count, lines);
		assert_true(told.snapshot.evidence.traces[0].incomplete);
		if (within)
			assert_non_null(strstr(note_of(&told), size < second ?
								       "within line 2" :
								       "within line 3"));
		else
			assert_non_null(strstr(note_of(&told), "the end is missing"));
		told_end(&told);
	}
}

TEST(a_spoilt_line_is_passed_over_and_told)
{
	struct told told;
	struct heard heard;
	const struct evidence_facts *facts = read_text(
		&told,
		START("bpf", "false")
			OF_LINUX("01", "812", "billing") "{\"line\":\"failu\n" OF_LINUX(
				"03", "812", "billing") END("3", "0"),
		&heard);

	assert_int_equal(heard.count, 2);
	assert_non_null(strstr(note_of(&told), "line 3"));
	assert_true(facts->traces[0].incomplete);
	told_end(&told);
}

TEST(lines_that_were_taken_out_are_missed)
{
	struct told told;
	struct heard heard;

	read_text(&told, START("bpf", "false") OF_LINUX("01", "812", "billing") END("5", "0"),
		  &heard);
	assert_non_null(
		strstr(note_of(&told), "line 3: of the failing calls that it counts 4"));
	assert_true(told.snapshot.evidence.traces[0].incomplete);
	told_end(&told);
}

TEST(what_was_lost_is_lost)
{
	struct told told;
	struct heard heard;
	const struct evidence_facts *facts = read_text(
		&told, START("bpf", "false") LOST("20") LOST("22") END("0", "42"), &heard);

	assert_int_equal(facts->traces[0].events_lost, 42);
	assert_true(facts->traces[0].incomplete);
	told_end(&told);
	/* Broken off before the sum. */
	facts = read_text(&told, START("bpf", "false") LOST("20") LOST("22"), &heard);
	assert_int_equal(facts->traces[0].events_lost, 42);
	told_end(&told);
}

/* A loop that appends. */
TEST(recordings_behind_each_other_are_told_apart)
{
	struct told told;
	struct heard heard;
	const struct evidence_facts *facts = read_text(
		&told,
		START("bpf", "false") OF_LINUX("01", "812", "billing") START("bpf", "true")
			OF_LINUX("03", "812", "billing") END("1", "0"),
		&heard);

	assert_int_equal(facts->trace_count, 2);
	assert_true(facts->traces[0].incomplete);
	assert_false(facts->traces[1].incomplete);
	assert_int_equal(facts->traces[1].failures, 1);
	assert_non_null(strstr(note_of(&told), "behind line 2 the end is missing"));
	told_end(&told);
}

TEST(of_very_many_recordings_the_last_take_the_rest)
{
	enum { RECORDINGS = 3000 };
	static const char one[] = START("bpf", "false") OF_LINUX("01", "812", "billing");
	char *text = malloc(RECORDINGS * sizeof one), *at = text;
	struct told told;
	struct heard heard;
	const struct evidence_facts *facts;

	for (int i = 0; i < RECORDINGS; i++)
		at += sprintf(at, "%s", one);
	facts = read_text(&told, text, &heard);
	assert_int_equal(facts->trace_count, 1024);
	assert_int_equal(heard.count, RECORDINGS);
	told_end(&told);
	free(text);
}

/* `>>` of Windows PowerShell 5. */
TEST(lines_in_utf_16_are_the_same_lines)
{
	static const char text[] =
		START("etw", "false") OF_WINDOWS("0xC0000209", "true", "0") END("1", "0");
	char bytes[2 + 2 * sizeof text] = "\xff\xfe";
	struct told told;

	for (size_t i = 0; i < sizeof text - 1; i++)
		bytes[2 + 2 * i] = text[i];
	told_begin(&told);
	told_file(&told, bytes, 2 * sizeof text);
	assert_int_equal(told.snapshot.evidence.failure_count, 1);
	assert_null(note_of(&told));
	told_end(&told);
}

TEST(values_that_cannot_be_are_not_taken)
{
	static const char strange[] =
		"{\"line\":\"failure\",\"time\":\"2026-01-02T03:04:01.000Z\","
		"\"protocol\":\"sctp\",\"call\":\"connect\","
		"\"error\":\"EADDRNOTAVAIL\",\"source\":\"10.0.0.999\",\"destination\":[],"
		"\"port\":99999,\"range_first\":500,\"range_last\":40,\"namespace\":\"-1\","
		"\"pid\":-4,\"name\":{},\"room_min\":7,\"room_max\":3}\n"
		"{\"line\":\"failure\",\"time\":7,\"call\":\"connect\",\"error\":"
		"\"EADDRNOTAVAIL\"}\n"
		"{\"line\":\"failure\",\"time\":\"2026-01-02T03:04:01.000Z\","
		"\"call\":\"connect\",\"error\":\"ECONNREFUSED\"}\n"
		"{\"line\":\"failure\",\"call\":\"accept\",\"error\":\"EADDRNOTAVAIL\"}\n"
		"{\"line\":\"failure\",\"call\":\"bind\",\"error\":null}\n"
		"[]\n7\n{\"line\":\"of a later portroom\"}\n";
	struct told told;
	struct heard heard;
	char text[4096];
	const struct traced_failure *failure;

	snprintf(text, sizeof text, "%s%s", START("bpf", "false"), strange);
	failure = read_text(&told, text, &heard)->failures;
	assert_int_equal(heard.count, 1);
	assert_false(failure->protocol_known);
	assert_int_equal(failure->local.family, FAMILY_NONE);
	assert_int_equal(failure->remote.family, FAMILY_NONE);
	assert_int_equal(failure->remote_port, 0);
	assert_true(failure->netns == 0);
	assert_true(failure->process == -1);
	assert_int_equal(heard.last.own_range.first, 0);
	assert_false(heard.last.room.known);
	told_end(&told);
}

TEST(a_file_without_a_beginning_is_refused)
{
	struct told told;
	struct heard heard;

	read_text(&told, "{\"of\":\"portroom.trace/1\"}\n" OF_LINUX("01", "812", "billing"),
		  &heard);
	assert_int_equal(heard.count, 0);
	assert_non_null(told_part(&told, "portroom trace")->why_not);
	told_end(&told);
	read_text(&told, START("hearsay", "false") OF_LINUX("01", "812", "billing"), &heard);
	assert_int_equal(heard.count, 0);
	assert_non_null(told_part(&told, "portroom trace")->why_not);
	told_end(&told);
}

SUITE(trace_lines, cmocka_unit_test(a_recording_of_linux_has_its_calls),
      cmocka_unit_test(a_call_is_handed_on_as_it_was_seen),
      cmocka_unit_test(a_process_is_named_as_at_the_call),
      cmocka_unit_test(a_recording_of_windows_is_as_an_event_trace),
      cmocka_unit_test(what_was_watched_for_is_kept),
      cmocka_unit_test(a_file_cut_anywhere_has_the_lines_before),
      cmocka_unit_test(a_spoilt_line_is_passed_over_and_told),
      cmocka_unit_test(lines_that_were_taken_out_are_missed),
      cmocka_unit_test(what_was_lost_is_lost),
      cmocka_unit_test(recordings_behind_each_other_are_told_apart),
      cmocka_unit_test(of_very_many_recordings_the_last_take_the_rest),
      cmocka_unit_test(lines_in_utf_16_are_the_same_lines),
      cmocka_unit_test(values_that_cannot_be_are_not_taken),
      cmocka_unit_test(a_file_without_a_beginning_is_refused));
