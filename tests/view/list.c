#include "base/json.h"
#include "diagnosis/machine.h"
#include "view/golden.h"
#include "view/list.h"
#include "view/view.h"

static const struct socket_record connection = {
	.state = SOCKET_ESTABLISHED,
	.local = { FAMILY_IPV4, { 10, 0, 0, 1 } },
	.local_port = 40001,
	.remote = { FAMILY_IPV6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
	.remote_port = 443,
	.inode = 77,
	.user = 1000,
};

static const struct socket_record idle = {
	.state = SOCKET_BOUND,
	.local = { FAMILY_IPV4, { 127, 0, 0, 1 } },
	.local_port = 40002,
	.inode = 78,
	.user = 33,
};

static const enum list_key every_key[] = {
	LIST_NETNS, LIST_PROTOCOL,  LIST_STATE, LIST_PROCESS, LIST_PID,	   LIST_USER,
	LIST_UNIT,  LIST_CONTAINER, LIST_LOCAL, LIST_PORT,    LIST_REMOTE, LIST_REMOTE_PORT,
};

TEST(a_row_has_an_owner_or_says_why_not)
{
	struct snapshot machine = machine_new();
	struct process *process = machine_process(&machine, 812);

	process->name = "a\tb";
	process->unit = "billing.service";
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);
		struct json json = { .out = golden.out };

		list_heading_text(&machine, &style);
		for (int kind = OWNER_PROCESS; kind <= OWNER_HIDDEN; kind++) {
			struct list_row row = {
				.snapshot = &machine,
				.owner_kind = (enum owner_kind)kind,
				.process = kind == OWNER_PROCESS ? process : NULL,
				.record = kind == OWNER_PROCESS ? &connection : &idle,
			};

			list_row_text(&row, &style);
			if (screen == SCREEN_PIPE)
				list_row_json(&row, &json);
		}
		golden_end(&golden, "list-rows.txt");
	}
	snapshot_free(&machine);
}

TEST(what_is_long_goes_on_below_and_is_not_cut)
{
	static const struct socket_record far_away = {
		.state = SOCKET_ESTABLISHED,
		.local = { FAMILY_IPV6, { 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9 } },
		.local_port = 40001,
		.remote = { FAMILY_IPV6, { 0x20, 1, 0xd, 0xb8, 9, 8, 7, 6, 5, 4, 3, 2, 1 } },
		.remote_port = 65535,
	};
	struct snapshot machine = machine_new();
	struct process *process = machine_process(&machine, 4194303);
	struct list_row row = { .snapshot = &machine,
				.process = process,
				.record = &far_away };

	process->name = "数据库服务";
	process->container =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		list_heading_text(&machine, &style);
		list_row_text(&row, &style);
		golden_end(&golden, "list-long.txt");
	}
	snapshot_free(&machine);
}

TEST(a_group_shows_the_keys_asked_for)
{
	struct snapshot machine = machine_new();
	struct list_group group = {
		.row = { .snapshot = &machine,
			 .owner_kind = OWNER_PROCESS,
			 .process = machine_process(&machine, 812),
			 .record = &connection },
		.sockets = 1200,
		.ports = 60,
	};
	size_t count = sizeof every_key / sizeof every_key[0];

	assert_int_equal(count, LIST_KEY_COUNT);
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);
		struct json json = { .out = golden.out };

		list_group_heading_text(&machine, every_key, count, &style);
		list_group_text(&group, every_key, count, &style);
		if (screen == SCREEN_PIPE)
			list_group_json(&group, every_key, count, &json);
		golden_end(&golden, "list-group.txt");
	}
	snapshot_free(&machine);
}

/* Whichever system portroom runs on: it is the machine's that is listed. */
TEST(of_windows_a_unit_is_a_service)
{
	static const enum list_key keys[] = { LIST_UNIT, LIST_PROCESS };
	struct snapshot machine = machine_windows();
	struct process *process = machine_process(&machine, 812);
	struct list_row row = { .snapshot = &machine,
				.process = process,
				.record = &connection };
	struct golden golden;
	struct view_style style = golden_begin_screen(&golden, SCREEN_PIPE);

	process->name = "svchost.exe";
	process->unit = "Dnscache";
	list_heading_text(&machine, &style);
	list_row_text(&row, &style);
	list_group_heading_text(&machine, keys, 2, &style);
	golden_end(&golden, "list-windows.txt");
	snapshot_free(&machine);
}

SUITE(list, cmocka_unit_test(of_windows_a_unit_is_a_service),
      cmocka_unit_test(a_row_has_an_owner_or_says_why_not),
      cmocka_unit_test(what_is_long_goes_on_below_and_is_not_cut),
      cmocka_unit_test(a_group_shows_the_keys_asked_for));
