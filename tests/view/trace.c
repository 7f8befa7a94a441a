#include "base/arena.h"
#include "base/json.h"
#include "snapshot/snapshot.h"
#include "view/golden.h"
#include "view/trace.h"
#include "view/view.h"

#include <string.h>

/* 2026-11-22T23:59:59.204Z */
enum { ZONE = 8 * 3600 };
#define MOMENT INT64_C(1795391999204)

static const struct process billing = {
	.pid = 812,
	.name = "billing\033[2J",
	.user = 1000,
	.user_name = "app",
	.unit = "billing.service",
};

static const struct process container = {
	.pid = 4194303,
	.name = "数据库服务",
	.user = 0,
	.container = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
};

static const struct process hidden = { .user = -1 };

static const struct failure connect_failure = {
	.call = FAILURE_CONNECT,
	.protocol_known = true,
	.error = "EADDRNOTAVAIL",
	.source = { FAMILY_IPV4, { 10, 0, 0, 1 } },
	.destination = { FAMILY_IPV4, { 10, 0, 9, 1 } },
	.port = 5432,
	.netns = 4026531840,
	.netns_name = "host",
	.process = &billing,
};

static const struct failure send_failure = {
	.call = FAILURE_SEND,
	.protocol_known = true,
	.protocol = PROTOCOL_UDP,
	.error = "EAGAIN",
	.source = { FAMILY_IPV6, { 0 } },
	.destination = { FAMILY_IPV6, { 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9 } },
	.port = 53,
	.own_range = { 40000, 40099 },
	.netns = 4026532211,
	.process = &container,
};

static const struct failure bind_failure = {
	.call = FAILURE_BIND,
	.error = "EADDRINUSE",
	.source = { FAMILY_IPV4, { 0 } },
	.process = &hidden,
};

static const struct trace_row rows[] = {
	{ &connect_failure, MOMENT, 1, { true, 0, 0, MOMENT - 200 }, ZONE },
	{ &connect_failure, MOMENT + 1000, 12345, { true, 0, 28232, MOMENT }, ZONE },
	{ &send_failure, MOMENT + 1000, 1, { true, 1234, 1234, MOMENT }, ZONE },
	{ &bind_failure, MOMENT + 1000, 7, { 0 }, ZONE },
};

TEST(a_row_tells_who_where_and_how_many)
{
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		trace_heading_text(false, &style);
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
			trace_row_text(&rows[i], &style);
		trace_rest_text(MOMENT + 1000, ZONE, 1204, &style);
		golden_end(&golden, "trace-rows.txt");
	}
}

TEST(windows_has_services_and_no_namespaces)
{
	static const struct process service = {
		.pid = 4711, .name = "leaky.exe", .user = -1, .unit = "LeakySvc"
	};
	struct failure failure = connect_failure;
	struct trace_row row = { &failure,	    MOMENT, 1, { true, 0, 40, MOMENT }, ZONE,
				 .of_windows = true };
	struct golden golden;
	struct view_style style = golden_begin_screen(&golden, SCREEN_PIPE);

	failure.error = "WSAENOBUFS";
	failure.ntstatus = 0xC0000209;
	failure.netns = 0;
	failure.netns_name = NULL;
	failure.process = &service;
	trace_heading_text(true, &style);
	trace_row_text(&row, &style);
	golden_end(&golden, "trace-rows-windows.txt");
}

static const struct failure_coverage whole = { .covered = true },
				     part = { .covered = true,
					      .remark =
						      "not those of a socket that had a port "
						      "before" },
				     none = { .remark = "--cheap" };

static const struct snapshot machine = { .host_name = "web1",
					 .system = "Debian GNU/Linux 12 (bookworm)",
					 .kernel = "6.1.0-18-amd64" };

static struct trace_start start_with(const struct failure_coverage *connect,
				     const struct failure_coverage *bind)
{
	return (struct trace_start){
		.time_ms = MOMENT,
		.source = "bpf",
		.coverage = { connect, bind, &whole, bind, &whole },
		.machine = &machine,
	};
}

static void write_sentence(const struct golden *golden, const char *sentence)
{
	fprintf(golden->out, "%s\n", sentence ? sentence : "-");
}

/* They go to standard error, whole. */
TEST(what_is_not_a_row_is_a_sentence)
{
	static const struct trace_end ends[] = {
		{ MOMENT, 10.04, 0, 0, 0 },
		{ MOMENT, 0.3, 1, 1, 1 },
		{ MOMENT, 3600, 12345, 1000, 20 },
	};
	struct trace_start starts[] = { start_with(&whole, &whole), start_with(&whole, &none),
					start_with(&part, &none) };
	struct arena arena = { 0 };

	starts[0].slows_calls_ns = 55;
	starts[2].why_not_bpf = "--no-bpf";
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;

		if (screen == SCREEN_80)
			continue;
		golden_begin_screen(&golden, screen);
		golden.width = 0;
		for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
			write_sentence(&golden, trace_start_sentence(&arena, &starts[i]));
			write_sentence(&golden,
				       trace_not_covered_sentence(&arena, &starts[i]));
		}
		for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
			write_sentence(&golden, trace_end_sentence(&arena, &ends[i]));
		golden_end(&golden, "trace-sentences.txt");
	}
	arena_free(&arena);
}

/* What Windows loses are events of any kind. */
TEST(lost_events_are_not_called_failures)
{
	const struct trace_end end = { .time_ms = MOMENT,
				       .seconds = 2,
				       .failures = 3,
				       .lost = 1234,
				       .lost_are_events = true,
				       .unread = 1 };
	struct arena arena = { 0 };
	struct golden golden;
	struct json json;

	assert_string_equal(
		trace_end_sentence(&arena, &end),
		"3 calls failed for want of a port in 2.0 s; 1,234 events are lost: "
		"the buffers were full; 1 call is of a form that is not known");
	assert_string_equal(
		trace_lost_sentence(&arena, 1, true),
		"1 event is lost, which may have told of a failing call: the buffers "
		"were full");
	assert_string_equal(trace_lost_sentence(&arena, 2, false),
			    "2 failing calls are lost: the buffer was full");
	golden_begin(&golden);
	json = (struct json){ .out = golden.out };
	trace_end_json(&end, &json);
	golden_end(&golden, "trace-end-windows.jsonl");
	arena_free(&arena);
}

TEST(every_failure_is_a_line_of_json)
{
	static const struct trace_end end = { MOMENT, 10.04, 4, 1000, 20 };
	struct trace_start start = start_with(&part, &none);
	struct golden golden;
	struct json json;

	start.source = "perf";
	start.why_not_bpf = "--no-bpf";
	golden_begin(&golden);
	json = (struct json){ .out = golden.out };
	trace_start_json(&start, &json);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		trace_failure_json(&rows[i], &json);
	trace_lost_json(MOMENT, 1000, &json);
	trace_end_json(&end, &json);
	golden_end(&golden, "trace.jsonl");
}

/* What it recorded: a machine of Linux, by BPF. */
static struct traced_recording recording = {
	.source = "bpf",
	.ended = true,
	.coverage = { { true, NULL },
		      { true, NULL },
		      { true, NULL },
		      { true, NULL },
		      { true, NULL } },
};

static struct snapshot recorded(struct traced_trace *trace, struct artefact *artefact)
{
	*artefact = (struct artefact){ .file = "failures.jsonl", .kind = "portroom trace" };
	*trace = (struct traced_trace){ .build = -1, .recording = &recording };
	return (struct snapshot){ .evidence = { .artefacts = artefact,
						.artefact_count = 1,
						.traces = trace,
						.trace_count = 1 } };
}

TEST(a_recording_that_has_all_leaves_no_doubt)
{
	struct traced_trace trace;
	struct artefact artefact;
	struct snapshot snapshot = recorded(&trace, &artefact);
	struct arena arena = { 0 };

	assert_null(trace_doubt_sentence(&arena, &snapshot));
	recording.coverage[FAILURE_UDP_SEND] = none;
	assert_string_equal(trace_doubt_sentence(&arena, &snapshot),
			    "failures.jsonl: not all is seen: UDP send (--cheap)");
	recording.filtered = true;
	assert_non_null(strstr(trace_doubt_sentence(&arena, &snapshot), "only some calls"));
	trace.incomplete = true;
	assert_non_null(strstr(trace_doubt_sentence(&arena, &snapshot), "is not whole"));
	recording.filtered = false;
	recording.coverage[FAILURE_UDP_SEND] = whole;
	arena_free(&arena);
}

TEST(of_linux_the_error_says_what_failed)
{
	struct trace_status status = { .error = "EADDRNOTAVAIL", .count = 56 };
	struct arena arena = { 0 };

	assert_string_equal(trace_status_sentence(&arena, &status),
			    "56 calls failed with EADDRNOTAVAIL: Cannot assign requested "
			    "address");
	status = (struct trace_status){ .error = "ESTRANGE", .count = 1 };
	assert_string_equal(trace_status_sentence(&arena, &status),
			    "1 call failed with ESTRANGE, which is not known here");
	arena_free(&arena);
}

TEST(a_file_is_told_again_as_it_was_recorded)
{
	struct traced_trace trace;
	struct artefact artefact;
	struct snapshot snapshot = recorded(&trace, &artefact);
	struct trace_sum sum = {
		.first_ms = MOMENT, .last_ms = MOMENT + 10000, .told = 1, .failed = 1
	};
	struct golden golden;
	struct json json;

	sum.statuses[sum.status_count++] =
		(struct trace_status){ .error = "EADDRNOTAVAIL", .count = 1 };
	golden_begin(&golden);
	json = (struct json){ .out = golden.out };
	trace_files_start_json(MOMENT, &machine, &trace, false, &json);
	trace_failure_json(&rows[0], &json);
	trace_files_end_json(&sum, &snapshot, &json);
	golden_end(&golden, "trace-recorded.jsonl");
}

SUITE(trace, cmocka_unit_test(windows_has_services_and_no_namespaces),
      cmocka_unit_test(a_recording_that_has_all_leaves_no_doubt),
      cmocka_unit_test(of_linux_the_error_says_what_failed),
      cmocka_unit_test(a_file_is_told_again_as_it_was_recorded),
      cmocka_unit_test(a_row_tells_who_where_and_how_many),
      cmocka_unit_test(what_is_not_a_row_is_a_sentence),
      cmocka_unit_test(lost_events_are_not_called_failures),
      cmocka_unit_test(every_failure_is_a_line_of_json));
