#include "diagnosis/machine.h"
#include "view/evidence.h"
#include "view/golden.h"
#include "view/range.h"
#include "view/view.h"

/*
 * A Windows machine that was sent as files, on every view that tells of one.
 */
static const int64_t noon = INT64_C(1800000000000);

static void shows(struct snapshot *machine, const char *name)
{
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);
		struct diagnosis diagnosis = judge(machine);

		check_text(&diagnosis, &style);
		evidence_text(machine, "netstat.txt", &style);
		diagnosis_free(&diagnosis);
		golden_end(&golden, name);
	}
}

static void shows_line(const struct snapshot *machine, const char *name)
{
	struct diagnosis diagnosis = judge(machine);
	struct golden golden;

	golden_begin(&golden);
	check_plugin(&diagnosis, &(struct view_style){ .out = golden.out });
	golden_end(&golden, name);
	diagnosis_free(&diagnosis);
}

static void shows_json(const struct snapshot *machine, const char *name)
{
	struct diagnosis diagnosis = judge(machine);
	struct golden golden;

	golden_begin(&golden);
	check_json(&diagnosis, &(struct view_style){ .out = golden.out, .limit = 10 });
	golden_end(&golden, name);
	diagnosis_free(&diagnosis);
}

/* Bound ports leak in svchost, and Windows has logged the end. */
static struct snapshot leaking(void)
{
	struct snapshot machine = machine_windows();

	machine.time_ms = noon - 60000;
	hold(&machine, .state = SOCKET_BOUND, .local = "0.0.0.0", .count = 90, .pid = 1204);
	hold(&machine, .first = 50090, .count = 8, .pid = 4312, .remote = "10.0.9.2:443");
	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED,
	     .local = "0.0.0.0", .first = 50010, .count = 5, .pid = 1204);
	machine_process(&machine, 1204)->name = "svchost.exe";
	machine_process(&machine, 1204)->unit = "Dnscache";
	machine_process(&machine, 4312)->name = "w3wp.exe";
	machine_artefact(&machine, "ranges.txt", "netsh dynamicport");
	machine.evidence.artefacts[0].records = 103;
	machine.evidence.artefacts[0].used_for = "sockets";
	machine_event(&machine, 4231, 12, noon);
	return machine;
}

TEST(proof_and_leak_name_their_files)
{
	struct snapshot machine = leaking();

	shows(&machine, "windows-leak.txt");
	shows_line(&machine, "windows-leak-plugin.txt");
	snapshot_free(&machine);
}

/* What the executable says of itself; and a process of many services is named by the first. */
TEST(a_culprit_has_its_product_and_some_of_its_services)
{
	struct snapshot machine = leaking();
	struct process *process = machine_process(&machine, 1204);

	process->unit = "BFE, CoreMessagingRegistrar, DPS, MpsSvc, NcbService, SharedAccess, "
			"WdiServiceHost";
	process->package = "Contoso Billing";
	process->version = "4.2.7";
	process->vendor = "Contoso GmbH";
	shows(&machine, "windows-product.txt");
	snapshot_free(&machine);
}

/* Parts of one text, and nothing in it of what is excluded or of UDP's range. */
TEST(a_file_is_named_once)
{
	struct snapshot machine = leaking();

	machine.evidence.artefacts[1].file = machine.evidence.artefacts[0].file;
	shows(&machine, "windows-one-file.txt");
	snapshot_free(&machine);
}

TEST(json_has_all_that_was_sent)
{
	struct snapshot machine = leaking();
	struct evidence_facts *facts = &machine.evidence;
	uint32_t unread = machine_artefact(&machine, "photo.png", NULL);

	facts->artefacts[unread].records = 0;
	facts->artefacts[unread].why_not = "its first bytes are of no known kind of file";
	machine_failure(&machine, 0xC000020A, 4312, 3)->last_ms = noon;
	array_reserve(facts->logs, facts->log_count, facts->log_capacity);
	facts->logs[facts->log_count++] = (struct logged_log){
		.artefact = 2,
		.channel = "System",
		.records = 1160,
		.oldest_ms = noon - INT64_C(86400000),
		.newest_ms = noon,
	};
	array_reserve(facts->counted, facts->counted_count, facts->counted_capacity);
	facts->counted[facts->counted_count++] = (struct counted_share){
		.artefact = machine_artefact(&machine, "groups.txt", "Group-Object"),
		.process = 0,
		.state = SOCKET_BOUND,
		.sockets = 90,
	};
	shows_json(&machine, "windows-leak.json");
	snapshot_free(&machine);
}

/* The machine that is looked at: no listing came from a file, and its log says why it is as it is. */
static struct snapshot own(void)
{
	struct snapshot machine = machine_windows();
	struct evidence_facts *facts = &machine.evidence;

	facts->artefact_count = 0;
	facts->listing[PROTOCOL_TCP] = facts->listing[PROTOCOL_UDP] = 0;
	facts->own = true;
	machine.windows->listing = NULL;
	machine.time_ms = noon + 1000;
	hold(&machine, .state = SOCKET_BOUND, .local = "0.0.0.0", .count = 98, .pid = 1204);
	machine_process(&machine, 1204)->name = "svchost.exe";
	machine_event(&machine, 4231, 12, noon);
	facts->artefacts[0].file = "System log";
	facts->artefacts[0].kind = "event log";
	array_reserve(facts->logs, facts->log_count, facts->log_capacity);
	facts->logs[facts->log_count++] = (struct logged_log){
		.channel = "System",
		.records = 1160,
		.oldest_ms = noon - INT64_C(30) * 86400000,
		.newest_ms = noon,
		.looked_from_ms = noon - INT64_C(86400000),
	};
	return machine;
}

TEST(a_machines_own_log_is_a_source_and_no_file_that_was_sent)
{
	struct snapshot machine = own();
	struct diagnosis diagnosis = judge(&machine);
	struct golden golden;
	struct view_style style;

	golden_begin(&golden);
	style = (struct view_style){ .out = golden.out };
	check_text(&diagnosis, &style);
	evidence_text(&machine, NULL, &style);
	golden_end(&golden, "windows-own-log.txt");
	diagnosis_free(&diagnosis);
	shows_json(&machine, "windows-own-log.json");
	snapshot_free(&machine);
}

TEST(what_rests_is_told_with_both_rates_and_a_likely_maker)
{
	struct snapshot machine = machine_windows();

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 90);
	hold(&machine, .first = 50090, .count = 7, .pid = 4312);
	machine_process(&machine, 4312)->name = "w3wp.exe";
	shows(&machine, "windows-time-wait.txt");
	snapshot_free(&machine);
}

TEST(what_cannot_tell_is_unknown_and_says_what_would)
{
	struct snapshot machine = machine_windows();
	struct evidence_facts *facts = &machine.evidence;
	uint32_t unread = machine_artefact(&machine, "photo.png", NULL);

	facts->artefacts[unread].why_not = "its first bytes are of no known kind of file";
	facts->artefacts[0].partial = "it ends within a row; was the file cut off?";
	machine.windows->bound_listed = false;
	hold(&machine, .count = 10, .pid = 4312);
	array_reserve(facts->traces, facts->trace_count, facts->trace_capacity);
	facts->traces[facts->trace_count++] = (struct traced_trace){
		.artefact = machine_artefact(&machine, "server.etl", "etl"),
		.build = -1,
		.events = 1000,
	};
	machine_event(&machine, 4227, 2, noon);
	shows(&machine, "windows-unknown.txt");
	shows_line(&machine, "windows-unknown-plugin.txt");
	snapshot_free(&machine);
}

TEST(many_files_are_thinned)
{
	struct snapshot machine = machine_windows();

	for (int i = 0; i < 30; i++) {
		uint32_t one = machine_artefact(&machine, "a.txt", i % 2 ? "netstat" : NULL);

		if (i % 2 == 0)
			machine.evidence.artefacts[one].why_not = "the file is empty";
	}
	shows(&machine, "windows-many-files.txt");
	snapshot_free(&machine);
}

TEST(four_rows_differ)
{
	struct snapshot machine = machine_windows();
	const struct range_facts facts = { .snapshot = &machine };
	struct windows_range *four =
		windows_range_of(machine.windows, PROTOCOL_TCP, FAMILY_IPV4);
	struct windows_range *six =
		windows_range_of(machine.windows, PROTOCOL_TCP, FAMILY_IPV6);
	struct golden golden;

	assert_true(port_set_parse(&four->excluded, "50000-50019,50050,5357"));
	assert_true(port_set_parse(&four->reserved_at_run, "50000-50009"));
	six->range = (struct port_range){ 49152, 65535 };
	six->assumed = true;
	six->excluded_known = false;
	machine.windows->timed_wait_delay_s = 30;
	machine.windows->max_user_port = 65534;
	hold(&machine, .state = SOCKET_LISTEN, .local = "0.0.0.0", .first = 50050, .pid = 716);
	hold(&machine, .state = SOCKET_LISTEN, .local = "::", .first = 49664, .pid = 716);
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct view_style style = golden_begin_screen(&golden, screen);

		range_text(&facts, &style);
		golden_end(&golden, "windows-range.txt");
	}
	golden_begin(&golden);
	range_json(&facts, golden.out);
	golden_end(&golden, "windows-range.json");
	snapshot_free(&machine);
}

TEST(a_room_is_told_in_words_of_windows)
{
	struct snapshot machine = machine_windows();
	const struct capacity_query query = {
		.kind = CAPACITY_CONNECT,
		.destination = { FAMILY_IPV4, { 10, 0, 9, 1 } },
		.port = 5432,
	};

	hold(&machine, .count = 30, .pid = 812, .remote = "10.0.9.2:443");
	hold(&machine, .first = 50030, .count = 10, .pid = 812);
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct capacity capacity = room(&machine, .kind = CAPACITY_CONNECT);
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		room_text(&machine, &capacity, &query, false, &style);
		golden_end(&golden, "windows-room.txt");
	}
	snapshot_free(&machine);
}

SUITE(windows_view, cmocka_unit_test(proof_and_leak_name_their_files),
      cmocka_unit_test(a_culprit_has_its_product_and_some_of_its_services),
      cmocka_unit_test(a_file_is_named_once), cmocka_unit_test(json_has_all_that_was_sent),
      cmocka_unit_test(a_machines_own_log_is_a_source_and_no_file_that_was_sent),
      cmocka_unit_test(what_rests_is_told_with_both_rates_and_a_likely_maker),
      cmocka_unit_test(what_cannot_tell_is_unknown_and_says_what_would),
      cmocka_unit_test(many_files_are_thinned), cmocka_unit_test(four_rows_differ),
      cmocka_unit_test(a_room_is_told_in_words_of_windows));
