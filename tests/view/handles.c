#include "view/handles.h"

#include "diagnosis/machine.h"
#include "view/golden.h"

TEST(processes_by_descriptors)
{
	static const struct process processes[] = {
		{ .pid = 812, .name = "app", .descriptor_limit = 1024, .user = 0 },
		{ .pid = 1, .name = "systemd", .descriptor_limit = -1, .user = 0 },
	};
	const struct handles_row rows[] = {
		{ .process = &processes[0],
		  .count = 1000,
		  .sockets = 990,
		  .compared = true,
		  .growth = 42,
		  .remark = HANDLES_NEAR_LIMIT },
		{ .process = &processes[1], .count = 300, .sockets = 100 },
	};
	struct handles_view view = {
		.rows = rows,
		.count = 2,
		.more = 7,
		.files_open = 5000,
		.files_limit = 100000,
		.refused = 3,
		.time_ms = 1,
	};

	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		view.sample_s = 0;
		handles_text(&view, &style);
		view.sample_s = 10;
		handles_text(&view, &style);
		if (screen == SCREEN_PIPE)
			handles_json(&view, golden.out);
		golden_end(&golden, "handles.txt");
	}
}

TEST(processes_of_windows_by_handles)
{
	static struct windows windows = { .build = 19045 };
	static const struct process processes[] = {
		{ .pid = 812,
		  .name = "contoso-billing-agent.exe",
		  .descriptor_limit = -1,
		  .user = -1 },
		{ .pid = 4, .name = "System", .descriptor_limit = -1, .user = -1 },
	};
	const struct handles_row rows[] = {
		{ .process = &processes[0],
		  .count = 20042,
		  .sockets = 16380,
		  .compared = true,
		  .growth = 42,
		  .remark = HANDLES_TOO_MANY },
		{ .process = &processes[1],
		  .count = 3300,
		  .sockets = -1,
		  .remark = HANDLES_USUAL },
	};
	const struct snapshot machine = { .system = "Windows 10 Pro", .windows = &windows };
	struct handles_view view = {
		.rows = rows,
		.count = 2,
		.files_open = -1,
		.files_limit = -1,
		.refused = 3,
		.unanswered = 2,
		.time_ms = 1,
		.machine = &machine,
	};

	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		view.sample_s = 0;
		handles_text(&view, &style);
		view.sample_s = 10;
		handles_text(&view, &style);
		if (screen == SCREEN_PIPE)
			handles_json(&view, golden.out);
		golden_end(&golden, "handles-windows.txt");
	}
}

TEST(one_process_of_windows_with_its_kinds)
{
	static struct windows windows = { .build = 19045 };
	static const struct process process = {
		.pid = 812, .name = "agent.exe", .descriptor_limit = -1, .user = -1
	};
	const struct handles_kind kinds[] = { { OPEN_KIND_AFD, OPEN_KIND_AFD, 16380 },
					      { "Event", "Event", 30 } };
	const struct snapshot machine = { .windows = &windows };
	struct handles_row row = { .process = &process,
				   .count = 16410,
				   .sockets = 16380,
				   .remark = HANDLES_TOO_MANY,
				   .kinds = kinds,
				   .kind_count = 2 };
	const struct handles_view view = { .rows = &row,
					   .count = 1,
					   .files_open = -1,
					   .files_limit = -1,
					   .time_ms = 1,
					   .machine = &machine };

	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		row.sockets = 16380;
		row.kind_count = 2;
		handles_one_text(&view, NULL, 0, &style);
		row.sockets = -1;
		row.kinds = &kinds[1];
		row.kind_count = 1;
		handles_one_text(&view, NULL, 0, &style);
		row.kinds = kinds;
		golden_end(&golden, "handles-one-windows.txt");
	}
}

TEST(one_process_with_its_sockets)
{
	struct snapshot machine = machine_new();
	struct process *process = machine_process(&machine, 812);
	const struct handles_kind kinds[] = { { "socket", "sockets", 20 },
					      { "file", "files", 3 } };
	struct handles_row row = {
		.count = 23, .sockets = 20, .kinds = kinds, .kind_count = 2
	};
	struct handles_view view = {
		.rows = &row, .count = 1, .files_open = -1, .files_limit = -1, .time_ms = 1
	};
	const struct holding *holdings[2];

	process->name = "app";
	process->descriptor_limit = 1024;
	hold(&machine, .count = 19, .pid = 812, .kind = CONNECT_OWNED);
	hold(&machine, .first = 443, .state = SOCKET_LISTEN, .local = "0.0.0.0", .pid = 812);
	row.process = &machine.processes[0];
	holdings[0] = &machine.holdings[0];
	holdings[1] = &machine.holdings[1];
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		handles_one_text(&view, holdings, 2, &style);
		if (screen == SCREEN_PIPE)
			handles_one_json(&view, &machine, holdings, 2, golden.out);
		golden_end(&golden, "handles-one.txt");
	}
	snapshot_free(&machine);
}

/* What a machine of Windows left: of one process all is told, of the last its ports alone. */
TEST(processes_that_files_tell_of)
{
	struct snapshot machine = machine_new();
	struct windows windows = { .build = 20348 };
	static const struct process processes[] = {
		{ .pid = 4321, .name = "billing.exe", .descriptor_limit = -1, .user = -1 },
		{ .pid = 4, .name = "System", .descriptor_limit = -1, .user = -1 },
		{ .pid = 1016, .descriptor_limit = -1, .user = -1 },
	};
	const struct handles_row rows[] = {
		{ .process = &processes[0],
		  .count = 20431,
		  .sockets = 20012,
		  .listed = 16203,
		  .remark = HANDLES_TOO_MANY },
		{ .process = &processes[1],
		  .count = 4012,
		  .sockets = -1,
		  .remark = HANDLES_USUAL },
		{ .process = &processes[2], .count = -1, .sockets = -1, .listed = 19 },
	};
	struct handles_view view = {
		.rows = rows,
		.count = 3,
		.more = 1,
		.files_open = -1,
		.files_limit = -1,
		.machine = &machine,
		.file = "handles.txt",
		.untold = 1,
	};

	machine.windows = &windows;
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		handles_files_text(&view, &style);
		if (screen == SCREEN_PIPE)
			handles_json(&view, golden.out);
		golden_end(&golden, "handles-files.txt");
	}
	machine.windows = NULL;
	snapshot_free(&machine);
}

TEST(one_process_that_files_tell_of)
{
	struct snapshot machine = machine_new();
	struct windows windows = { .build = 20348 };
	static const struct process process = {
		.pid = 4321, .name = "billing.exe", .descriptor_limit = -1, .user = -1
	};
	const struct handles_kind kinds[] = { { OPEN_KIND_AFD, OPEN_KIND_AFD, 20012 },
					      { "Event", "Event", 419 } };
	struct handles_row row = { .process = &process,
				   .count = 20431,
				   .sockets = 20012,
				   .listed = -1,
				   .remark = HANDLES_TOO_MANY,
				   .kinds = kinds,
				   .kind_count = 2 };
	const struct handles_view view = { .rows = &row,
					   .count = 1,
					   .files_open = -1,
					   .files_limit = -1,
					   .machine = &machine,
					   .file = "billing.dmp" };

	machine.windows = &windows;
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		row.kinds = kinds;
		handles_files_one_text(&view, NULL, 0, &style);
		row.kinds = NULL; /* the debugger tells their number only */
		handles_files_one_text(&view, NULL, 0, &style);
		if (screen == SCREEN_PIPE)
			handles_one_json(&view, &machine, NULL, 0, golden.out);
		golden_end(&golden, "handles-files-one.txt");
	}
	machine.windows = NULL;
	snapshot_free(&machine);
}

SUITE(handles, cmocka_unit_test(processes_of_windows_by_handles),
      cmocka_unit_test(one_process_of_windows_with_its_kinds),
      cmocka_unit_test(processes_that_files_tell_of),
      cmocka_unit_test(one_process_that_files_tell_of),
      cmocka_unit_test(processes_by_descriptors),
      cmocka_unit_test(one_process_with_its_sockets));
