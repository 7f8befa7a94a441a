#include "source/windows/log/logged.h"

#include "fake_log.h"
#include "snapshot/snapshot.h"
#include "suite.h"

#include <string.h>

/* 2026-11-28T03:00:00Z */
#define SINCE INT64_C(1795834800000)
#define HOUR_MS INT64_C(3600000)

static struct channel_mark take(const struct wevtapi_route *route, struct snapshot *snapshot)
{
	const struct logged_request request = { .since_ms = SINCE, .patience_ms = 60000 };
	struct channel_mark last;

	*snapshot = (struct snapshot){ 0 };
	last = logged_take(route, &request, snapshot);
	assert_true(snapshot->evidence.own);
	assert_int_equal(snapshot->source_count, 1);
	assert_string_equal(snapshot->sources[0].name, "wevtapi");
	if (route && !fake_log.until)
		assert_int_equal(fake_log.open, 0);
	return last;
}

static const struct wevtapi_route *with_events(void)
{
	const struct wevtapi_route *route = fake_log_begin();

	fake_log_add(FAKE_EVENT(L"Service", L"7036", L"11", L"2026-11-28T04:00:00.000Z", L""));
	fake_log_add(FAKE_EVENT(L"Tcpip", L"4227", L"13", L"2026-11-28T05:00:00.000Z", L"x"));
	fake_log_add(FAKE_EVENT(L"Tcpip", L"4231", L"15", L"2026-11-28T06:00:00.000Z", L"y"));
	fake_log_add(FAKE_EVENT(L"Service", L"7036", L"20", L"2026-11-28T07:00:00.000Z", L""));
	return route;
}

static const struct logged_event *find(const struct snapshot *snapshot, uint32_t id)
{
	for (size_t i = 0; i < snapshot->evidence.event_count; i++)
		if (snapshot->evidence.events[i].id == id)
			return &snapshot->evidence.events[i];
	return NULL;
}

/* Of what was asked for is told how far the log as a whole reaches: the records in between are no holes. */
TEST(events_are_taken_and_the_log_is_described)
{
	struct snapshot snapshot;
	const struct logged_log *log;

	assert_int_equal(take(with_events(), &snapshot).number, 20);
	assert_int_equal(snapshot.evidence.event_count, 2);
	assert_int_equal(find(&snapshot, 4231)->last_ms, SINCE + 3 * HOUR_MS);
	assert_string_equal(find(&snapshot, 4227)->text, "x");
	log = &snapshot.evidence.logs[0];
	assert_int_equal(snapshot.evidence.log_count, 1);
	assert_string_equal(log->channel, "System");
	assert_int_equal(log->records, 10);
	assert_int_equal(log->oldest_ms, SINCE + HOUR_MS);
	assert_int_equal(log->newest_ms, SINCE + 4 * HOUR_MS);
	assert_int_equal(log->looked_from_ms, SINCE);
	assert_int_equal(log->missing, 0);
	assert_false(log->excerpt);
	assert_int_equal(snapshot.gap_count, 0);
	assert_true(snapshot.sources[0].used);
	snapshot_free(&snapshot);
}

/* All providers and no more comparisons than Windows takes, and since when. */
TEST(the_question_is_short_enough)
{
	const struct logged_request request = { .since_ms = SINCE, .patience_ms = 60000 };
	struct snapshot snapshot = { 0 };
	unsigned comparisons = 0;

	logged_take(with_events(), &request, &snapshot);
	for (const wchar_t *at = fake_log.xpath; *at; at++)
		comparisons += *at == L'=' || (*at == L'>' && at[1] != L'=');
	assert_in_range(comparisons, 5, 20);
	assert_non_null(wcsstr(fake_log.xpath, L"@Name='Tcpip'"));
	assert_non_null(wcsstr(fake_log.xpath, L"@Name='NETLOGON'"));
	assert_non_null(wcsstr(fake_log.xpath, L"@SystemTime>='2026-11-28T03:00:00.000Z'"));
	snapshot_free(&snapshot);
}

TEST(an_empty_log_is_silent_and_no_gap)
{
	struct snapshot snapshot;

	assert_int_equal(take(fake_log_begin(), &snapshot).number, 0);
	assert_int_equal(snapshot.evidence.log_count, 1);
	assert_int_equal(snapshot.evidence.event_count, 0);
	assert_int_equal(snapshot.gap_count, 0);
	snapshot_free(&snapshot);
}

/* Then absence says nothing: there is no log in which it could be seen. */
static void assert_gap(const struct wevtapi_route *route, const char *why, const char *remedy)
{
	struct snapshot snapshot;

	assert_int_equal(take(route, &snapshot).number, 0);
	assert_int_equal(snapshot.evidence.log_count, 0);
	assert_int_equal(snapshot.evidence.event_count, 0);
	assert_int_equal(snapshot.gap_count, 1);
	assert_non_null(strstr(snapshot.gaps[0].why, why));
	assert_true(!remedy == !snapshot.gaps[0].remedy);
	assert_true(!remedy || strstr(snapshot.gaps[0].remedy, remedy));
	assert_string_equal(snapshot.evidence.artefacts[0].why_not, snapshot.gaps[0].why);
	assert_false(snapshot.sources[0].used);
	assert_string_equal(snapshot.sources[0].why_not, snapshot.gaps[0].why);
	snapshot_free(&snapshot);
}

TEST(without_the_functions_it_is_a_gap)
{
	assert_gap(NULL, "does not have it", NULL);
}

TEST(a_refusal_is_a_gap_with_what_helps)
{
	const struct wevtapi_route *route = with_events();

	fake_log.refuses = true;
	fake_log.refusal = ERROR_ACCESS_DENIED;
	assert_gap(route, "access is denied", "administrator");
	fake_log.refusal = ERROR_SUCCESS;
	assert_gap(route, "not available", NULL);
}

TEST(a_log_that_breaks_at_once_is_a_gap)
{
	const struct wevtapi_route *route = with_events();

	fake_log.breaks = true;
	fake_log.break_error = ERROR_EVENTLOG_FILE_CORRUPT;
	assert_gap(route, "spoilt", NULL);
}

/* What was read stays, and tells nothing of the time before it. */
TEST(a_log_that_breaks_off_is_told_as_far_as_it_was_read)
{
	const struct wevtapi_route *route = with_events();
	struct snapshot snapshot;

	fake_log.breaks = true;
	fake_log.breaks_at = 1;
	fake_log.break_error = ERROR_EVENTLOG_FILE_CORRUPT;
	take(route, &snapshot);
	assert_int_equal(snapshot.evidence.log_count, 1);
	assert_int_equal(snapshot.evidence.event_count, 0);
	assert_int_equal(snapshot.evidence.logs[0].looked_from_ms, SINCE + 4 * HOUR_MS);
	snapshot_free(&snapshot);
	fake_log.breaks_at = 2;
	take(route, &snapshot);
	assert_non_null(find(&snapshot, 4231));
	assert_null(find(&snapshot, 4227));
	assert_int_equal(snapshot.evidence.logs[0].looked_from_ms, SINCE + 3 * HOUR_MS);
	assert_int_equal(snapshot.gap_count, 1);
	assert_non_null(strstr(snapshot.evidence.artefacts[0].partial, "latest 2 events"));
	snapshot_free(&snapshot);
}

TEST(what_never_ends_is_cut_and_told)
{
	const struct wevtapi_route *route = with_events();
	struct snapshot snapshot;

	fake_log.endless = true;
	take(route, &snapshot);
	assert_int_equal(snapshot.gap_count, 1);
	assert_true(find(&snapshot, 4231)->count > 1000);
	snapshot_free(&snapshot);
}

TEST(what_could_not_be_read_may_have_been_any)
{
	const struct wevtapi_route *route = with_events();
	struct snapshot snapshot;

	fake_log.never_renders = true;
	take(route, &snapshot);
	assert_int_equal(snapshot.evidence.logs[0].missing, 4);
	assert_int_equal(snapshot.gap_count, 1);
	snapshot_free(&snapshot);
}

/* It ends when it is let go, and cleans up behind itself. */
TEST(a_service_that_hangs_is_given_up)
{
	const struct logged_request request = { .patience_ms = 1 };
	const struct wevtapi_route *route = with_events();
	struct snapshot snapshot = { 0 };

	fake_log.until = CreateEventW(NULL, TRUE, FALSE, NULL);
	assert_int_equal(logged_take(route, &request, &snapshot).number, 0);
	assert_int_equal(snapshot.gap_count, 1);
	assert_non_null(strstr(snapshot.gaps[0].why, "does not answer in time"));
	assert_int_equal(snapshot.evidence.log_count, 0);
	snapshot_free(&snapshot);
	SetEvent(fake_log.until);
	while (fake_log.ended < 3) /* what comes next is its own memory */
		Sleep(1);
	CloseHandle(fake_log.until);
}

/* Whoever follows asks a day long. */
TEST(a_service_that_hangs_is_not_asked_without_end)
{
	enum { ASKED = 20, MOST = 8, SEVERAL = 3 };
	const struct logged_request request = { .patience_ms = 1 };
	const struct wevtapi_route *route = with_events();

	fake_log.until = CreateEventW(NULL, TRUE, FALSE, NULL);
	for (int i = 0; i < ASKED; i++) {
		struct snapshot snapshot = { 0 };

		assert_int_equal(logged_take(route, &request, &snapshot).number, 0);
		assert_non_null(strstr(snapshot.gaps[0].why, "does not answer in time"));
		snapshot_free(&snapshot);
	}
	SetEvent(fake_log.until);
	for (int waited = 0; fake_log.ended < MOST * SEVERAL && waited < 2000; waited++)
		Sleep(1);
	Sleep(50);
	assert_int_equal(fake_log.ended, MOST * SEVERAL);
	CloseHandle(fake_log.until);
}

/* ---- following ---- */

#define MARK(record, hours)                                                                   \
	(struct channel_mark)                                                                 \
	{                                                                                     \
		record, SINCE + (hours)*HOUR_MS                                               \
	}

static struct channel_mark take_after(const struct wevtapi_route *route,
				      struct channel_mark after, struct snapshot *snapshot)
{
	const struct logged_request request = { .after = after, .patience_ms = 60000 };
	struct channel_mark last;

	*snapshot = (struct snapshot){ 0 };
	last = logged_take(route, &request, snapshot);
	assert_int_equal(fake_log.open, 0);
	assert_int_equal(fake_log.queries, 1);
	assert_int_equal(snapshot->gap_count, 0);
	assert_int_equal(snapshot->evidence.log_count, 1);
	return last;
}

TEST(what_is_new_takes_one_question)
{
	const struct wevtapi_route *route = with_events();
	struct snapshot snapshot;
	struct channel_mark last = take_after(route, MARK(13, 2), &snapshot);

	assert_int_equal(last.number, 20);
	assert_int_equal(last.time_ms, SINCE + 4 * HOUR_MS);
	assert_int_equal(snapshot.evidence.event_count, 1);
	assert_non_null(find(&snapshot, 4231));
	snapshot_free(&snapshot);
}

TEST(where_nothing_is_new_one_record_is_looked_at)
{
	const struct wevtapi_route *route = with_events();
	struct snapshot snapshot;

	assert_int_equal(take_after(route, MARK(20, 4), &snapshot).number, 20);
	assert_int_equal(snapshot.evidence.event_count, 0);
	assert_int_equal(fake_log.renderings, 1);
	snapshot_free(&snapshot);
}

TEST(of_a_log_that_counts_anew_all_is_new)
{
	struct snapshot snapshot;

	assert_int_equal(take_after(with_events(), MARK(900, 4), &snapshot).number, 20);
	assert_int_equal(snapshot.evidence.event_count, 2);
	snapshot_free(&snapshot);
	/* That came by the same number. */
	assert_int_equal(take_after(with_events(), MARK(20, 3), &snapshot).number, 20);
	assert_int_equal(snapshot.evidence.event_count, 2);
	snapshot_free(&snapshot);
}

TEST(of_a_log_that_is_empty_the_mark_is_none)
{
	struct snapshot snapshot;

	assert_int_equal(take_after(fake_log_begin(), MARK(7, 1), &snapshot).number, 0);
	assert_int_equal(snapshot.evidence.event_count, 0);
	snapshot_free(&snapshot);
}

SUITE(logged, cmocka_unit_test(events_are_taken_and_the_log_is_described),
      cmocka_unit_test(the_question_is_short_enough),
      cmocka_unit_test(an_empty_log_is_silent_and_no_gap),
      cmocka_unit_test(without_the_functions_it_is_a_gap),
      cmocka_unit_test(a_refusal_is_a_gap_with_what_helps),
      cmocka_unit_test(a_log_that_breaks_at_once_is_a_gap),
      cmocka_unit_test(a_log_that_breaks_off_is_told_as_far_as_it_was_read),
      cmocka_unit_test(what_never_ends_is_cut_and_told),
      cmocka_unit_test(what_could_not_be_read_may_have_been_any),
      cmocka_unit_test(a_service_that_hangs_is_given_up),
      cmocka_unit_test(a_service_that_hangs_is_not_asked_without_end),
      cmocka_unit_test(what_is_new_takes_one_question),
      cmocka_unit_test(where_nothing_is_new_one_record_is_looked_at),
      cmocka_unit_test(of_a_log_that_counts_anew_all_is_new),
      cmocka_unit_test(of_a_log_that_is_empty_the_mark_is_none));
