#include "view/events.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "diagnosis/event.h"
#include "knowledge/counters.h"
#include "knowledge/messages.h"
#include "snapshot/snapshot.h"
#include "view/golden.h"

#include <string.h>

/* 2026-11-22T23:59:59.204Z */
enum { ZONE = 8 * 3600, EVENTS = 5 };
#define MOMENT INT64_C(1795391999204)

static struct event line_of(enum event_source source, const char *text)
{
	struct event event = {
		.source = source, .count = 1, .first_ms = MOMENT, .last_ms = MOMENT
	};

	assert_true(event_recognise(source, text, &event.kind));
	event_set_text(&event, text);
	return event;
}

static void make_events(struct event events[EVENTS])
{
	events[0] = line_of(EVENT_KERNEL,
			    "nf_conntrack: table full in netns 4026532211, dropping packet");
	events[0].netns = 4026532211;
	events[0].count = 12345;
	events[0].first_ms -= INT64_C(3) * 24 * 3600 * 1000;
	events[1] =
		line_of(EVENT_JOURNAL, "connect() to 10.0.9.1:5432 failed (99: Cannot assign "
				       "requested address) while connecting to upstream");
	events[1].count = 1204;
	events[1].first_ms -= 1800 * 1000;
	events[1].process = (struct process){
		.pid = 812, .user = 33, .name = "nginx", .unit = "nginx.service"
	};
	events[2] = line_of(
		EVENT_JOURNAL,
		"dial tcp 10.0.9.2:80: connect: cannot assign requested address "
		"\033[2J\xff 文文文文文文文文文文文文文文文文文文文文文文文文文文文文文文文文"
		"文文文文文文文文文文文文文文文文文文文文文文文文文文文文文文文文文文");
	events[2].process = (struct process){ .pid = 4194303,
					      .user = -1,
					      .name = "数据库\033]0;x",
					      .container = "0123456789abcdef" };
	events[3] = line_of(EVENT_JOURNAL, "zort: Address already in use");
	events[4] = (struct event){
		.source = EVENT_COUNTER,
		.kind.counter = counters,
		.count = 1000000,
		.netns = 4026531840,
		.netns_name = "host",
	};
}

static struct snapshot machine_with_gaps(void)
{
	struct snapshot machine = { .host_name = "web1", .system = "Linux", .kernel = "6.1" };

	snapshot_add_gap(&machine, GAP_SCOPE, -1, "/dev/kmsg", "EPERM", "CAP_SYSLOG");
	return machine;
}

static const struct events_source sources[] = {
	{ "kmsg", false, 0, 0, "EPERM" },
	{ "journal", true, 99000, MOMENT - 86400000, NULL },
	{ "counters", true, -1, 0, NULL },
};

static struct events_view view_of(const struct snapshot *machine,
				  const struct events_row *rows, size_t count)
{
	return (struct events_view){
		.snapshot = machine,
		.time_ms = MOMENT + 1000,
		.since_ms = MOMENT - 86400000,
		.since_offset_s = ZONE,
		.rows = rows,
		.count = count,
		.sources = sources,
		.source_count = 3,
	};
}

TEST(events_with_their_meaning)
{
	struct event events[EVENTS];
	struct events_row rows[EVENTS];
	struct snapshot machine = machine_with_gaps();
	struct events_view view = view_of(&machine, rows, EVENTS);

	make_events(events);
	for (size_t i = 0; i < EVENTS; i++)
		rows[i] = (struct events_row){ &events[i], ZONE };
	view.more = 3;
	view.rest = 77;
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		style.verbose = true;
		events_text(&view, &style);
		golden_end(&golden, "events.txt");
	}
	snapshot_free(&machine);
}

TEST(nothing_noted_is_no_proof)
{
	struct snapshot machine = { 0 };
	struct events_view view = view_of(&machine, NULL, 0);

	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		events_text(&view, &style);
		golden_end(&golden, "events-none.txt");
	}
	snapshot_free(&machine);
}

TEST(events_for_programs)
{
	struct event events[EVENTS];
	struct events_row rows[EVENTS];
	struct snapshot machine = machine_with_gaps();
	struct events_view view = view_of(&machine, rows, EVENTS);
	struct golden golden;

	make_events(events);
	for (size_t i = 0; i < EVENTS; i++)
		rows[i] = (struct events_row){ &events[i], ZONE };
	golden_begin(&golden);
	events_json(&view, golden.out);
	golden_end(&golden, "events.json");
	snapshot_free(&machine);
}

TEST(events_as_they_come)
{
	struct event events[EVENTS];
	struct snapshot machine = machine_with_gaps();
	struct events_view view = view_of(&machine, NULL, 0);
	struct golden golden;
	struct json json = { 0 };

	make_events(events);
	golden_begin(&golden);
	json.out = golden.out;
	events_start_json(&view, &json);
	events_event_json(&events[1], MOMENT + 2000, &json);
	events_lost_json(MOMENT + 3000, 12, &json);
	events_end_json(MOMENT + 4000, 3.5, 1204, &json);
	golden_end(&golden, "events.jsonl");
	snapshot_free(&machine);
}

TEST(the_end_is_one_sentence)
{
	struct arena arena = { 0 };

	assert_string_equal(events_end_sentence(&arena, 1.25, 1),
			    "watched for 1.2 s: 1 event");
	assert_string_equal(events_end_sentence(&arena, 60, 1204),
			    "watched for 60.0 s: 1,204 events");
	arena_free(&arena);
}

SUITE(events, cmocka_unit_test(events_with_their_meaning),
      cmocka_unit_test(nothing_noted_is_no_proof), cmocka_unit_test(events_for_programs),
      cmocka_unit_test(events_as_they_come), cmocka_unit_test(the_end_is_one_sentence));
