#include "source/windows/log/event_query.h"

#include "fake_log.h"
#include "suite.h"
#include "system/clock.h"

#include <string.h>

struct heard {
	char text[1024];
	uint64_t pieces, wants; /* 0: all */
};

static bool hear(void *context, const char *xml, size_t size)
{
	struct heard *heard = context;
	size_t length = strlen(heard->text);

	heard->pieces++;
	if (length + size < sizeof heard->text) {
		memcpy(heard->text + length, xml, size);
		heard->text[length + size] = '\0';
	}
	return heard->pieces != heard->wants;
}

/* Whatever happens, each handle is closed. */
static struct event_answer ask_for(uint64_t wants, const struct wevtapi_route *route,
				   struct event_query query, struct heard *heard)
{
	struct event_answer answer;

	*heard = (struct heard){ .wants = wants };
	query.path = L"System";
	query.xpath = L"*";
	query.feed = hear;
	query.context = heard;
	event_query_run(route, &query, &answer);
	assert_int_equal(fake_log.open, 0);
	assert_int_equal(answer.events, heard->pieces);
	return answer;
}

static struct event_answer ask(const struct wevtapi_route *route, struct event_query query,
			       struct heard *heard)
{
	return ask_for(0, route, query, heard);
}

static const struct wevtapi_route *with_three(void)
{
	const struct wevtapi_route *route = fake_log_begin();

	fake_log_add(L"<a/>");
	fake_log_add(L"<b/>");
	fake_log_add(L"<c/>");
	return route;
}

TEST(events_come_from_either_end)
{
	const struct wevtapi_route *route = with_three();
	struct heard heard;

	assert_int_equal(ask(route, (struct event_query){ 0 }, &heard).end, QUERY_WHOLE);
	assert_string_equal(heard.text, "<a/><b/><c/>");
	ask(route, (struct event_query){ .newest_first = true }, &heard);
	assert_string_equal(heard.text, "<c/><b/><a/>");
	assert_int_equal(wcscmp(fake_log.path, L"System"), 0);
}

TEST(an_empty_log_is_an_answer)
{
	struct heard heard;
	struct event_answer answer = ask(fake_log_begin(), (struct event_query){ 0 }, &heard);

	assert_int_equal(answer.end, QUERY_WHOLE);
	assert_int_equal(answer.events, 0);
}

static void assert_refusal(DWORD error, bool is_file, const char *why, const char *remedy)
{
	const struct wevtapi_route *route = with_three();
	struct event_answer answer;
	struct heard heard;

	fake_log.refuses = true;
	fake_log.refusal = error;
	answer = ask(route, (struct event_query){ .is_file = is_file }, &heard);
	assert_int_equal(answer.end, QUERY_REFUSED);
	assert_int_equal(answer.error, error);
	assert_non_null(strstr(event_query_why(&answer, is_file), why));
	if (remedy)
		assert_non_null(strstr(event_query_remedy(&answer, is_file), remedy));
	else
		assert_null(event_query_remedy(&answer, is_file));
}

TEST(who_is_denied_is_told_what_it_takes)
{
	assert_refusal(ERROR_ACCESS_DENIED, false, "access is denied", "Event Log Readers");
	assert_refusal(ERROR_ACCESS_DENIED, true, "access is denied", NULL);
}

TEST(what_is_not_there_is_not_an_empty_log)
{
	assert_refusal(ERROR_EVT_CHANNEL_NOT_FOUND, false, "no log of that name", NULL);
	assert_refusal(RPC_S_SERVER_UNAVAILABLE, false, "does not run", "sc start EventLog");
	assert_refusal(ERROR_EVT_INVALID_QUERY, false, "does not take the question", NULL);
	assert_refusal(ERROR_SUCCESS, false, "not available", NULL); /* as Wine does */
}

TEST(a_log_that_was_not_closed_is_told_how_to_get_whole)
{
	assert_refusal(ERROR_EVENTLOG_FILE_CORRUPT, true, "wevtutil epl", NULL);
	assert_refusal(ERROR_EVENTLOG_FILE_CORRUPT, false, "spoilt", NULL);
}

TEST(what_grows_between_calls_is_followed)
{
	const struct wevtapi_route *route = with_three();
	struct event_answer answer;
	struct heard heard;

	fake_log.growing = 2;
	answer = ask(route, (struct event_query){ 0 }, &heard);
	assert_string_equal(heard.text, "<a/><b/><c/>");
	assert_int_equal(answer.unread, 0);
	assert_int_equal(fake_log.renderings, 5);
}

TEST(what_grows_for_ever_is_given_up)
{
	const struct wevtapi_route *route = with_three();
	struct event_answer answer;
	struct heard heard;

	fake_log.growing = 1000000;
	answer = ask(route, (struct event_query){ 0 }, &heard);
	assert_int_equal(answer.unread, 3);
	assert_true(fake_log.renderings < 50);
	assert_int_equal(answer.end, QUERY_WHOLE);
}

TEST(a_record_that_cannot_be_rendered_is_counted)
{
	const struct wevtapi_route *route = with_three();
	struct event_answer answer;
	struct heard heard;

	fake_log.never_renders = true;
	answer = ask(route, (struct event_query){ 0 }, &heard);
	assert_int_equal(answer.unread, 3);
	assert_int_equal(answer.events, 0);
}

TEST(what_breaks_off_has_told_what_came_before)
{
	const struct wevtapi_route *route = with_three();
	struct event_answer answer;
	struct heard heard;

	fake_log.breaks = true;
	fake_log.breaks_at = 2;
	fake_log.break_error = ERROR_EVENTLOG_FILE_CORRUPT;
	answer = ask(route, (struct event_query){ 0 }, &heard);
	assert_int_equal(answer.end, QUERY_FAILED);
	assert_int_equal(answer.error, ERROR_EVENTLOG_FILE_CORRUPT);
	assert_string_equal(heard.text, "<a/><b/>");
}

TEST(no_answer_in_time_is_late_and_no_end)
{
	const struct wevtapi_route *route = with_three();
	struct event_query past = { .deadline_ms = clock_monotonic_ms() - 1 };
	struct heard heard;

	assert_int_equal(ask(route, past, &heard).end, QUERY_LATE);
	fake_log.breaks = true;
	fake_log.break_error = ERROR_TIMEOUT;
	assert_int_equal(ask(route, (struct event_query){ 0 }, &heard).end, QUERY_LATE);
}

TEST(what_never_ends_is_cut)
{
	const struct wevtapi_route *route = with_three();
	struct event_answer answer;
	struct heard heard;

	fake_log.endless = true;
	answer = ask(route, (struct event_query){ .most = 1000 }, &heard);
	assert_int_equal(answer.end, QUERY_MOST);
	assert_int_equal(answer.events, 1000);
}

/* As many as were asked for are not more than these. */
TEST(a_log_of_just_so_many_is_whole)
{
	const struct wevtapi_route *route = with_three();
	struct heard heard;

	assert_int_equal(ask(route, (struct event_query){ .most = 3 }, &heard).end,
			 QUERY_WHOLE);
	assert_int_equal(ask(route, (struct event_query){ .most = 2 }, &heard).end,
			 QUERY_MOST);
	assert_string_equal(heard.text, "<a/><b/>");
}

TEST(more_than_there_is_room_for_is_not_believed)
{
	const struct wevtapi_route *route = fake_log_begin();
	struct heard heard;

	fake_log.batch = 100000;
	assert_int_equal(ask(route, (struct event_query){ 0 }, &heard).end, QUERY_FAILED);
}

TEST(text_becomes_utf_8)
{
	const struct wevtapi_route *route = fake_log_begin();
	struct heard heard;

	fake_log_add(L"\u00e9\u4e2d\xd83d\xde00\xd83d.");
	ask(route, (struct event_query){ 0 }, &heard);
	assert_string_equal(heard.text, "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80\xef\xbf\xbd.");
}

/* Whoever has found what was looked for is asked no further. */
TEST(what_is_enough_is_whole)
{
	const struct wevtapi_route *route = with_three();
	struct event_answer answer;
	struct heard heard;

	answer = ask_for(2, route, (struct event_query){ .newest_first = true, .most = 3 },
			 &heard);
	assert_int_equal(answer.end, QUERY_WHOLE);
	assert_string_equal(heard.text, "<c/><b/>");
	assert_int_equal(fake_log.renderings, 2);
}

TEST(a_long_log_is_read_to_its_end)
{
	const struct wevtapi_route *route = with_three();
	struct heard heard;

	fake_log.endless = true;
	assert_int_equal(ask(route, (struct event_query){ .most = 5000 }, &heard).events,
			 5000);
	assert_true(fake_log.batches < 5000 / 64 + 10); /* 64 at a time, but at first */
}

SUITE(event_query, cmocka_unit_test(events_come_from_either_end),
      cmocka_unit_test(an_empty_log_is_an_answer),
      cmocka_unit_test(who_is_denied_is_told_what_it_takes),
      cmocka_unit_test(what_is_not_there_is_not_an_empty_log),
      cmocka_unit_test(a_log_that_was_not_closed_is_told_how_to_get_whole),
      cmocka_unit_test(what_grows_between_calls_is_followed),
      cmocka_unit_test(what_grows_for_ever_is_given_up),
      cmocka_unit_test(a_record_that_cannot_be_rendered_is_counted),
      cmocka_unit_test(what_breaks_off_has_told_what_came_before),
      cmocka_unit_test(no_answer_in_time_is_late_and_no_end),
      cmocka_unit_test(what_never_ends_is_cut),
      cmocka_unit_test(a_log_of_just_so_many_is_whole),
      cmocka_unit_test(more_than_there_is_room_for_is_not_believed),
      cmocka_unit_test(text_becomes_utf_8), cmocka_unit_test(what_is_enough_is_whole),
      cmocka_unit_test(a_long_log_is_read_to_its_end));
