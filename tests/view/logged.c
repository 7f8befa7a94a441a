#include "view/logged.h"

#include "base/json.h"
#include "snapshot/snapshot.h"
#include "view/golden.h"

/* 2026-03-02T08:31:00.500Z */
#define MOMENT INT64_C(1772440260500)
enum { DAY_MS = 86400000 };

static struct artefact artefacts[] = {
	{ .file = "case/System.evtx", .kind = "evtx", .records = 1160, .used_for = "events" },
	{ .file = "case/copy.txt",
	  .kind = "event_text",
	  .records = 1,
	  .used_for = "events",
	  .partial = "it ends within an event (line 25); what there is of it was taken" },
	{ .file = "case/holiday.jpg", .why_not = "its first bytes are of no known kind" },
};

static struct logged_event events[] = {
	{ 0, 4231, "Tcpip", 3, MOMENT - DAY_MS, MOMENT, false, NULL },
	{ 0, 4227, "Tcpip", 1204, MOMENT - DAY_MS, MOMENT - 1000, false, "of the driver" },
	{ 0, 6005, "EventLog", 1, MOMENT - 2 * DAY_MS, MOMENT - 2 * DAY_MS, false, NULL },
	{ 1, 5719, "NETLOGON", 1, MOMENT, MOMENT, true, "EXAMPLE \033[2J was not reached" },
};

static struct logged_log logs[] = {
	{ .artefact = 0,
	  .channel = "System",
	  .records = 1160,
	  .recovered = 25,
	  .recovered_read = 1,
	  .missing = 262,
	  .oldest_ms = MOMENT - 30 * (int64_t)DAY_MS,
	  .newest_ms = MOMENT,
	  .corrupted = true },
	{ .artefact = 1,
	  .channel = "System",
	  .records = 1,
	  .oldest_ms = MOMENT,
	  .newest_ms = MOMENT,
	  .time_is_local = true,
	  .excerpt = true },
};

static struct snapshot machine(void)
{
	return (struct snapshot){
		.system = "windows",
		.evidence = { .artefacts = artefacts,
			      .artefact_count = 3,
			      .events = events,
			      .event_count = 4,
			      .logs = logs,
			      .log_count = 2 },
	};
}

TEST(what_a_machine_has_logged_and_what_absence_says)
{
	struct snapshot snapshot = machine();
	struct golden golden;
	struct view_style style = { 0 };

	golden_begin(&golden);
	style.out = golden.out;
	style.limit = 3;
	style.verbose = true;
	logged_text(&snapshot, &style);
	golden_end(&golden, "logged.txt");
}

TEST(a_silent_log_is_weak_evidence)
{
	struct snapshot snapshot = machine();
	struct golden golden;
	struct view_style style = { 0 };

	snapshot.evidence.event_count = 0;
	snapshot.evidence.log_count = 1;
	logs[0].missing = 0;
	golden_begin(&golden);
	style.out = golden.out;
	logged_text(&snapshot, &style);
	golden_end(&golden, "logged-silent.txt");
	logs[0].missing = 262;
}

/* The log that is this machine's own, from a day ago on. */
static struct snapshot own(void)
{
	struct snapshot snapshot = machine();

	snapshot.evidence.own = true;
	snapshot.evidence.artefact_count = snapshot.evidence.log_count = 1;
	snapshot.evidence.event_count = 3;
	return snapshot;
}

static void shows_own(struct snapshot *snapshot, const char *name)
{
	struct golden golden;
	struct view_style style = { 0 };

	golden_begin(&golden);
	style.out = golden.out;
	style.limit = 20;
	logged_text(snapshot, &style);
	golden_end(&golden, name);
}

TEST(a_machines_own_log_is_no_file)
{
	struct snapshot snapshot = own();

	logs[0].looked_from_ms = MOMENT - DAY_MS;
	logs[0].missing = logs[0].recovered = logs[0].recovered_read = 0;
	logs[0].corrupted = false;
	shows_own(&snapshot, "logged-own.txt");
	snapshot.evidence.event_count = 0;
	shows_own(&snapshot, "logged-own-silent.txt");
}

TEST(an_own_log_that_cannot_be_read_is_a_gap)
{
	static struct gap gap = { .what = "the log System",
				  .why = "this Windows does not have it",
				  .effect = GAP_SCOPE,
				  .netns = -1 };
	struct snapshot snapshot = own();

	snapshot.evidence.event_count = snapshot.evidence.log_count = 0;
	snapshot.gaps = &gap;
	snapshot.gap_count = 1;
	shows_own(&snapshot, "logged-own-unread.txt");
}

/* A meaning is told with the first of its kind. */
TEST(rows_come_one_by_one)
{
	struct snapshot snapshot = own();
	struct golden golden;
	struct view_style style = { 0 };

	golden_begin(&golden);
	style.out = golden.out;
	logged_heading_text(&snapshot, &style);
	logged_event_text(&snapshot, &events[0], true, &style);
	logged_event_text(&snapshot, &events[0], false, &style);
	golden_end(&golden, "logged-rows.txt");
}

TEST(lines_for_programs_come_one_by_one)
{
	struct snapshot snapshot = own();
	struct golden golden;
	struct json json = { 0 };

	golden_begin(&golden);
	json.out = golden.out;
	logged_start_json(&snapshot, MOMENT + 1000, &json);
	logged_event_json(&snapshot, &events[0], MOMENT + 2000, &json);
	golden_end(&golden, "logged.jsonl");
}

TEST(what_was_logged_for_programs)
{
	struct snapshot snapshot = machine();
	struct golden golden;

	golden_begin(&golden);
	logged_json(&snapshot, MOMENT + 1000, golden.out);
	golden_end(&golden, "logged.json");
}

SUITE(logged_view, cmocka_unit_test(what_a_machine_has_logged_and_what_absence_says),
      cmocka_unit_test(a_silent_log_is_weak_evidence),
      cmocka_unit_test(what_was_logged_for_programs),
      cmocka_unit_test(a_machines_own_log_is_no_file), cmocka_unit_test(rows_come_one_by_one),
      cmocka_unit_test(lines_for_programs_come_one_by_one),
      cmocka_unit_test(an_own_log_that_cannot_be_read_is_a_gap));
