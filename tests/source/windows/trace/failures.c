#include "source/failures.h"

#include "source/artefact/etl/providers.h"
#include "source/recording.h"
#include "source/source.h"
#include "source/windows/trace/etw_route.h"
#include "source/windows/trace/failures_by.h"
#include "source/windows/trace/recording_by.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/*
 * Windows as these tests want it: what each function answers, and what was asked.
 */
static struct {
	ULONG start[2]; /* of the first call, and of later ones */
	ULONG enable_afd, enable_tcpip;
	ULONG lost, buffers_lost;
	ULONG query; /* what EVENT_TRACE_CONTROL_QUERY answers */
	bool open_fails, ends_by_itself, sticks;
	const wchar_t *sessions[3]; /* that there are */
	unsigned before,
		growing; /* so many others in front of them, and more with each question */

	unsigned starts, stops, opens, closes, enables, ids, questions;
	wchar_t name[64], stopped[64];
	bool ran; /* between start and stop */
	HANDLE stop, close;
	EVENT_TRACE_LOGFILEW trace;
	unsigned failing; /* bind() that AFD tells of */
} fake;

static ULONG WINAPI fake_start(TRACEHANDLE *session, LPCWSTR name,
			       EVENT_TRACE_PROPERTIES *properties)
{
	ULONG result = fake.start[fake.starts++ ? 1 : 0];

	(void)properties;
	wcscpy(fake.name, name);
	*session = 77;
	fake.ran = !result;
	return result;
}

static ULONG WINAPI fake_control(TRACEHANDLE session, LPCWSTR name,
				 EVENT_TRACE_PROPERTIES *properties, ULONG code)
{
	(void)session;
	properties->EventsLost = fake.lost;
	properties->RealTimeBuffersLost = fake.buffers_lost;
	if (code == EVENT_TRACE_CONTROL_QUERY)
		return fake.query;
	fake.stops++;
	if (name)
		wcscpy(fake.stopped, name);
	fake.ran = false;
	SetEvent(fake.stop);
	return 0;
}

static ULONG WINAPI fake_enable(TRACEHANDLE session, LPCGUID provider, ULONG code, UCHAR level,
				ULONGLONG any, ULONGLONG all, ULONG timeout_ms,
				ENABLE_TRACE_PARAMETERS *parameters)
{
	enum provider which = provider_of((const uint8_t *)provider);

	(void)code;
	(void)any;
	(void)all;
	(void)timeout_ms;
	assert_int_equal(session, 77);
	assert_int_equal(level, TRACE_LEVEL_INFORMATION);
	fake.enables++;
	fake.ids += parameters != NULL;
	return which == PROVIDER_AFD   ? fake.enable_afd :
	       which == PROVIDER_TCPIP ? fake.enable_tcpip :
					 0;
}

static ULONG WINAPI fake_query_all(EVENT_TRACE_PROPERTIES **sessions, ULONG size, ULONG *count)
{
	const unsigned before = fake.before + fake.growing * fake.questions++;

	for (*count = 0; *count < before + 3; ++*count) {
		const wchar_t *name =
			*count < before ? L"Another" : fake.sessions[*count - before];

		if (!name)
			break;
		if (*count < size)
			wcscpy((wchar_t *)((char *)sessions[*count] +
					   sessions[*count]->LoggerNameOffset),
			       name);
	}
	return *count > size ? ERROR_MORE_DATA : 0;
}

static TRACEHANDLE WINAPI fake_open(EVENT_TRACE_LOGFILEW *trace)
{
	fake.opens++;
	fake.trace = *trace;
	SetLastError(ERROR_ACCESS_DENIED);
	return fake.open_fails ? (TRACEHANDLE)(uintptr_t)INVALID_HANDLE_VALUE : 5;
}

/* AFD's 1029: a request that has ended with STATUS_TOO_MANY_ADDRESSES. */
static void deliver(void)
{
	unsigned char payload[28] = { 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
				      0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9, 2, 0, 0xc0 };
	EVENT_RECORD record = { .EventHeader = { .Flags = EVENT_HEADER_FLAG_64_BIT_HEADER,
						 .ProcessId = 4000000001 % INT32_MAX,
						 .EventDescriptor = { .Id = 1029 } },
				.UserData = payload,
				.UserDataLength = sizeof payload,
				.UserContext = fake.trace.Context };

	memcpy(&record.EventHeader.ProviderId, provider_guid(PROVIDER_AFD), sizeof(GUID));
	/* 2023-11-14, as FILETIME has it */
	record.EventHeader.TimeStamp.QuadPart = INT64_C(133444736000000000);
	fake.trace.EventRecordCallback(&record);
}

static ULONG WINAPI fake_process(TRACEHANDLE *traces, ULONG count, FILETIME *from,
				 FILETIME *to)
{
	(void)traces;
	(void)count;
	(void)from;
	(void)to;
	for (unsigned i = 0; i < fake.failing; i++)
		deliver();
	if (!fake.ends_by_itself)
		WaitForSingleObject(fake.sticks ? fake.close : fake.stop, 20000);
	return 0;
}

static ULONG WINAPI fake_close(TRACEHANDLE trace)
{
	(void)trace;
	fake.closes++;
	SetEvent(fake.close);
	return 0;
}

static struct etw_route route_of_fake(void)
{
	memset(&fake, 0, sizeof fake);
	fake.stop = CreateEventW(NULL, TRUE, FALSE, NULL);
	fake.close = CreateEventW(NULL, TRUE, FALSE, NULL);
	return (struct etw_route){
		.start = fake_start,
		.control = fake_control,
		.enable = fake_enable,
		.query_all = fake_query_all,
		.open = fake_open,
		.process = fake_process,
		.close = fake_close,
		.takes_ids = true,
	};
}

static const struct source_request anywhere = { .scope = SCOPE_REACHABLE };

static struct failures *open_failures(const struct etw_route *route, bool cheap,
				      struct error *error)
{
	const struct failures_request request = { .where = &anywhere, .cheap = cheap };

	error->text[0] = '\0';
	return failures_open_by(route, &request, error);
}

static bool count_one(void *context, const struct failure *failure)
{
	unsigned *count = context;

	assert_int_equal(failure->call, FAILURE_BIND);
	assert_string_equal(failure->error, "WSAENOBUFS");
	assert_int_equal(failure->ntstatus, 0xc0000209);
	assert_int_equal(failure->time_ms, INT64_C(1700000000000));
	assert_null(failure->process->name);
	++*count;
	return true;
}

static unsigned poll_all(struct failures *failures, struct error *error, int *result)
{
	unsigned count = 0;

	for (unsigned last = 1; last;) {
		last = count;
		*result = failures_poll(failures, 0, count_one, &count, error);
		last = count - last;
	}
	return count;
}

/* ---- starting ---- */

TEST(denied_is_a_sentence_with_its_remedy_and_nothing_is_stopped)
{
	struct etw_route route = route_of_fake();
	struct error error;

	fake.start[0] = ERROR_ACCESS_DENIED;
	assert_null(open_failures(&route, false, &error));
	assert_non_null(strstr(error.text, "Performance Log Users"));
	assert_int_equal(fake.stops, 0);
	assert_int_equal(fake.opens, 0);
}

TEST(a_session_of_our_name_is_stopped_and_started_anew)
{
	struct etw_route route = route_of_fake();
	struct failures *failures;
	struct error error;

	fake.start[0] = ERROR_ALREADY_EXISTS;
	failures = open_failures(&route, false, &error);
	assert_non_null(failures);
	assert_int_equal(fake.starts, 2);
	assert_int_equal(fake.stops, 1);
	assert_int_equal(wcscmp(fake.stopped, fake.name), 0);
	assert_true(fake.ran);
	failures_close(failures);
	assert_int_equal(fake.stops, 2);
	assert_false(fake.ran);
}

TEST(one_that_cannot_be_stopped_is_an_error)
{
	struct etw_route route = route_of_fake();
	struct error error;

	fake.start[0] = fake.start[1] = ERROR_ALREADY_EXISTS;
	assert_null(open_failures(&route, false, &error));
	assert_int_equal(fake.starts, 2);
	assert_non_null(strstr(error.text, "183"));
}

TEST(sessions_of_programs_that_are_no_more_are_stopped)
{
	struct etw_route route = route_of_fake();
	struct error error;

	fake.start[0] = fake.start[1] = ERROR_NO_SYSTEM_RESOURCES;
	fake.sessions[0] = L"NT Kernel Logger";
	fake.sessions[1] = L"portroom-4294967294";
	fake.sessions[2] = L"portroom-1x";
	assert_null(open_failures(&route, false, &error));
	assert_int_equal(fake.stops, 1);
	assert_int_equal(wcscmp(fake.stopped, L"portroom-4294967294"), 0);
	assert_non_null(strstr(error.text, "logman"));
	route.query_all = NULL; /* an older system */
	assert_null(open_failures(&route, false, &error));
	assert_int_equal(fake.stops, 1);
}

/* Windows 10 may have more of them than there was room for at first, and others start some meanwhile. */
TEST(they_are_found_among_many_others)
{
	struct etw_route route = route_of_fake();
	struct error error;

	fake.start[0] = fake.start[1] = ERROR_NO_SYSTEM_RESOURCES;
	fake.sessions[0] = L"portroom-4294967294";
	fake.before = 200;
	assert_null(open_failures(&route, false, &error));
	assert_int_equal(fake.questions, 2);
	assert_int_equal(fake.stops, 1);
	fake.growing = 1;
	assert_null(open_failures(&route, false, &error));
	assert_true(fake.questions <= 6); /* not for ever */
	assert_int_equal(fake.stops, 1);
}

/* As Wine's: StartTrace says that all is well, and OpenTrace fails. */
TEST(a_session_that_cannot_be_read_is_stopped_once)
{
	for (int wine = 0; wine < 2; wine++) {
		struct etw_route route = route_of_fake();
		struct error error;

		route.is_wine = wine;
		fake.open_fails = true;
		assert_null(open_failures(&route, false, &error));
		assert_int_equal(fake.stops, 1);
		assert_false(fake.ran);
		assert_that(!wine == !strstr(error.text, "not available"), "%s", error.text);
	}
}

TEST(without_events_of_either_provider_there_is_no_trace)
{
	struct etw_route route = route_of_fake();
	struct error error;

	fake.enable_afd = fake.enable_tcpip = ERROR_ACCESS_DENIED;
	assert_null(open_failures(&route, false, &error));
	assert_int_equal(fake.stops, 1);
	assert_int_equal(fake.closes, 1);
}

TEST(what_one_provider_does_not_see_is_not_covered)
{
	struct etw_route route = route_of_fake();
	struct failures *failures;
	struct error error;

	fake.enable_afd = ERROR_ACCESS_DENIED;
	failures = open_failures(&route, false, &error);
	assert_non_null(failures);
	assert_true(failures_coverage(failures, FAILURE_TCP_CONNECT)->covered);
	assert_false(failures_coverage(failures, FAILURE_UDP_CONNECT)->covered);
	assert_true(failures_coverage(failures, FAILURE_TCP_LISTEN)->covered);
	failures_close(failures);
	route = route_of_fake();
	fake.enable_tcpip = ERROR_ACCESS_DENIED;
	failures = open_failures(&route, false, &error);
	assert_non_null(failures);
	assert_true(failures_coverage(failures, FAILURE_UDP_CONNECT)->covered);
	assert_false(failures_coverage(failures, FAILURE_TCP_LISTEN)->covered);
	failures_close(failures);
	assert_int_equal(fake.stops, 1);
}

/* Before Windows 8.1 all events of a provider come, or none. */
TEST(events_are_left_out_by_number_only_where_the_system_can)
{
	for (int can = 0; can < 2; can++) {
		struct etw_route route = route_of_fake();
		struct failures *failures;
		struct error error;

		route.takes_ids = can;
		failures = open_failures(&route, false, &error);
		assert_non_null(failures);
		assert_int_equal(fake.enables, 3);
		assert_int_equal(fake.ids, can ? 2 : 0);
		failures_close(failures);
		route = route_of_fake();
		route.takes_ids = can;
		failures = open_failures(&route, true, &error);
		assert_that(!failures == !can, "%d", can);
		assert_int_equal(fake.enables, can ? 1 : 0);
		failures_close(failures);
		assert_int_equal(fake.stops, 1);
	}
}

TEST(a_namespace_is_refused_before_a_session_is_started)
{
	const struct source_request where = { .scope = SCOPE_ONE, .netns = "blue" };
	const struct failures_request request = { .where = &where };
	struct etw_route route = route_of_fake();
	struct error error;

	assert_null(failures_open_by(&route, &request, &error));
	assert_int_equal(fake.starts, 0);
}

/* ---- while it runs ---- */

TEST(what_came_before_the_end_is_told_after_it)
{
	struct etw_route route = route_of_fake();
	struct failures *failures;
	struct error error;
	int result;

	fake.failing = 3;
	failures = open_failures(&route, false, &error);
	assert_non_null(failures);
	failures_stop(failures);
	failures_stop(failures);
	assert_int_equal(poll_all(failures, &error, &result), 3);
	assert_int_equal(result, 0);
	assert_int_equal(failures_counts(failures).told, 3);
	failures_close(failures);
	assert_int_equal(fake.stops, 1);
	assert_int_equal(fake.closes, 1);
}

TEST(lost_events_and_buffers_are_counted)
{
	struct etw_route route = route_of_fake();
	struct failures *failures;
	struct error error;
	int result;

	fake.lost = 40;
	fake.buffers_lost = 2;
	failures = open_failures(&route, false, &error);
	assert_int_equal(poll_all(failures, &error, &result), 0);
	assert_int_equal(failures_counts(failures).lost, 42);
	assert_true(failures_counts(failures).lost_are_events);
	fake.lost = 50;
	failures_stop(failures);
	(void)poll_all(failures, &error, &result);
	assert_int_equal(failures_counts(failures).lost, 52);
	failures_close(failures);
}

TEST(a_session_that_others_end_is_an_error_and_stopped_all_the_same)
{
	struct etw_route route = route_of_fake();
	struct failures *failures;
	struct error error;
	unsigned count = 0;

	fake.ends_by_itself = true;
	fake.failing = 1;
	failures = open_failures(&route, false, &error);
	assert_non_null(failures);
	while (!failures_poll(failures, 10000, count_one, &count, &error))
		;
	assert_int_equal(count, 1);
	assert_non_null(strstr(error.text, "somebody"));
	failures_close(failures);
	assert_int_equal(fake.stops, 1);
}

/* ---- into a file ---- */

TEST(a_file_that_is_there_is_not_written_to)
{
	struct etw_route route = route_of_fake();
	wchar_t wide[MAX_PATH + 16], folder[MAX_PATH];
	char path[3 * MAX_PATH];
	struct error error;

	GetTempPathW(MAX_PATH, folder);
	GetTempFileNameW(folder, L"prt", 0, wide); /* makes it */
	WideCharToMultiByte(CP_UTF8, 0, wide, -1, path, sizeof path, NULL, NULL);
	assert_null(recording_start_by(&route, path, 64, &error));
	assert_non_null(strstr(error.text, "exists"));
	assert_int_equal(fake.starts, 0);
	DeleteFileW(wide);
	/* The session does not come about, and no empty file is left. */
	fake.start[0] = ERROR_ACCESS_DENIED;
	assert_null(recording_start_by(&route, path, 64, &error));
	assert_int_equal(fake.starts, 1);
	assert_int_equal(GetFileAttributesW(wide), INVALID_FILE_ATTRIBUTES);
}

/* What Wine does. */
TEST(a_file_that_the_system_does_not_write_is_an_error)
{
	struct etw_route route = route_of_fake();
	wchar_t wide[MAX_PATH + 16], folder[MAX_PATH];
	struct recording *recording;
	struct recording_sum sum;
	char path[3 * MAX_PATH];
	struct error error;

	GetTempPathW(MAX_PATH, folder);
	GetTempFileNameW(folder, L"prt", 0, wide);
	WideCharToMultiByte(CP_UTF8, 0, wide, -1, path, sizeof path, NULL, NULL);
	DeleteFileW(wide);
	recording = recording_start_by(&route, path, 64, &error);
	assert_non_null(recording);
	assert_int_equal(recording_wait(recording, 0, NULL, &error), 0);
	fake.query = ERROR_WMI_INSTANCE_NOT_FOUND;
	assert_int_equal(recording_wait(recording, 0, NULL, &error), -1);
	assert_int_equal(recording_stop(recording, &sum, &error), -1);
	assert_int_equal(fake.stops, 1);
	assert_int_equal(GetFileAttributesW(wide), INVALID_FILE_ATTRIBUTES);
	route = route_of_fake();
	route.is_wine = true;
	assert_null(recording_start_by(&route, path, 64, &error));
	assert_int_equal(fake.stops, 1);
	assert_non_null(strstr(error.text, "not available"));
}

SUITE(failures, cmocka_unit_test(denied_is_a_sentence_with_its_remedy_and_nothing_is_stopped),
      cmocka_unit_test(a_session_of_our_name_is_stopped_and_started_anew),
      cmocka_unit_test(one_that_cannot_be_stopped_is_an_error),
      cmocka_unit_test(sessions_of_programs_that_are_no_more_are_stopped),
      cmocka_unit_test(they_are_found_among_many_others),
      cmocka_unit_test(a_session_that_cannot_be_read_is_stopped_once),
      cmocka_unit_test(without_events_of_either_provider_there_is_no_trace),
      cmocka_unit_test(what_one_provider_does_not_see_is_not_covered),
      cmocka_unit_test(events_are_left_out_by_number_only_where_the_system_can),
      cmocka_unit_test(a_namespace_is_refused_before_a_session_is_started),
      cmocka_unit_test(what_came_before_the_end_is_told_after_it),
      cmocka_unit_test(lost_events_and_buffers_are_counted),
      cmocka_unit_test(a_session_that_others_end_is_an_error_and_stopped_all_the_same),
      cmocka_unit_test(a_file_that_is_there_is_not_written_to),
      cmocka_unit_test(a_file_that_the_system_does_not_write_is_an_error));
