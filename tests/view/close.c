#include "view/close.h"

#include "base/language.h"
#include "diagnosis/close_plan.h"
#include "diagnosis/machine.h"
#include "view/golden.h"

#include <string.h>

/*
 * A program that leaks 60 connections to a database, beside ten in TIME_WAIT; a server of ours with 1,234 clients; and
 * what is bound only. The room is computed from it as the command does.
 */
struct made {
	struct snapshot machine;
	struct diagnosis diagnosis;
	struct close_plan plan;
	struct socket_record records[6];
	struct close_group groups[6];
	struct close_process_row processes[2];
};

static struct socket_record record(enum socket_state state, const char *local,
				   uint16_t local_port, const char *remote)
{
	struct socket_record record = { .state = state, .local_port = local_port };

	assert_true(address_parse(local, &record.local));
	if (remote)
		assert_true(
			address_parse_endpoint(remote, &record.remote, &record.remote_port));
	return record;
}

static void plan_leak(struct made *made, bool ends)
{
	close_plan_begin(&made->plan, &made->diagnosis);
	if (ends)
		assert_true(close_plan_end(&made->plan, &made->diagnosis, 812,
					   made->processes[0].process->start_ticks));
	for (uint16_t i = 0; !ends && i < 60; i++) {
		struct socket_record each = made->records[0];

		each.local_port = 40000 + i;
		assert_true(close_plan_add(&made->plan, &made->diagnosis, 0, &each));
	}
	close_plan_model(&made->plan, &made->diagnosis);
}

static void make(struct made *made, bool ends)
{
	const struct process *app, *server;

	memset(made, 0, sizeof *made);
	made->machine = machine_new();
	hold(&made->machine, .count = 60, .pid = 812, .state = SOCKET_CLOSE_WAIT,
	     .kind = CONNECT_OWNED);
	hold(&made->machine, .first = 40060, .count = 10, .state = SOCKET_TIME_WAIT,
	     .kind = CONNECT_OWNED);
	hold(&made->machine, .first = 40070, .count = 30, .pid = 900, .kind = CONNECT_OWNED);
	machine_process(&made->machine, 812)->name = "billing";
	machine_process(&made->machine, 812)->unit = "billing.service";
	machine_process(&made->machine, 900)->name = "httpd";
	made->records[0] = record(SOCKET_CLOSE_WAIT, "10.0.0.1", 40000, "10.0.9.1:5432");
	made->records[1] = record(SOCKET_ESTABLISHED, "10.0.0.1", 443, "10.0.7.1:51000");
	made->records[2] = record(SOCKET_TIME_WAIT, "2001:db8::1", 40001, "[2001:db8::9]:443");
	made->records[3] = record(SOCKET_BOUND, "0.0.0.0", 40099, NULL);
	made->records[4] = record(SOCKET_LISTEN, "::", 8080, NULL);
	made->records[5] = record(SOCKET_UNCONNECTED, "0.0.0.0", 5353, NULL);
	made->records[5].protocol = PROTOCOL_UDP;
	app = machine_process(&made->machine, 812);
	server = machine_process(&made->machine, 900);
	for (size_t i = 0; i < 6; i++)
		made->groups[i] = (struct close_group){ .like = &made->records[i],
							.count = i == 1 ? 1234 : 1,
							.accepted = i == 1 };
	made->groups[0].count = 60;
	made->groups[0].process = made->groups[3].process = app;
	made->groups[1].process = made->groups[4].process = made->groups[5].process = server;
	made->processes[0].process = app;
	made->processes[1].process = server;
	diagnosis_make(&made->diagnosis, &made->machine, &default_policy);
	plan_leak(made, ends);
}

static void end(struct made *made)
{
	close_plan_free(&made->plan, &made->diagnosis);
	diagnosis_free(&made->diagnosis);
	snapshot_free(&made->machine);
}

static struct close_view view_of(const struct made *made)
{
	return (struct close_view){
		.snapshot = &made->machine,
		.plan = &made->plan,
		.groups = made->groups,
		.group_count = 6,
		.selected = 1298,
		.bound = 1,
		.dry_run = true,
	};
}

/* What is told before and after, on each screen, and the document. `in_language` sets what the command has from
 * elsewhere, in the language of the moment. */
static void shows(struct close_view *view, const char *name, const char *json,
		  void (*in_language)(struct close_view *view))
{
	struct golden golden;

	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct view_style style = golden_begin_screen(&golden, screen);

		if (in_language)
			in_language(view);
		close_text(view, &style);
		close_result_text(view, &style);
		golden_end(&golden, name);
	}
	if (!json)
		return;
	golden_begin(&golden);
	if (in_language)
		in_language(view);
	close_json(view, golden.out);
	golden_end(&golden, json);
}

TEST(a_dry_run_shows_what_would_come_back)
{
	struct made made;
	struct close_view view;

	make(&made, false);
	view = view_of(&made);
	view.spared = 3;
	shows(&view, "close-dry-run.txt", "close-dry-run.json", NULL);
	end(&made);
}

TEST(on_windows_words_are_of_windows)
{
	static struct windows windows;
	struct made made;
	struct close_view view;
	struct golden golden;
	struct view_style style;

	make(&made, true);
	made.machine.windows = &windows;
	view = view_of(&made);
	view.spared = 3;
	view.aged = view.watched = true;
	style = golden_begin_screen(&golden, SCREEN_PIPE);
	close_text(&view, &style);
	view.ends = true;
	view.bound = 0;
	view.processes = made.processes;
	view.process_count = 2;
	close_text(&view, &style);
	golden_end(&golden, "close-windows.txt");
	made.machine.windows = NULL;
	end(&made);
}

static void tell_verdicts(struct close_view *view)
{
	view->before = (struct close_verdict){ "no_port", _("no local port") };
	view->after = (struct close_verdict){ "connected", _("connected") };
}

TEST(when_it_is_done_the_room_is_read_again)
{
	struct made made;
	struct close_view view;
	struct capacity measured = { .known = true, .room_min = 60, .room_max = 61 };

	make(&made, false);
	made.groups[0].closed = 58;
	made.groups[0].gone = 2;
	made.groups[1].closed = 1234;
	view = view_of(&made);
	view.group_count = 2;
	view.bound = 0;
	view.selected = 1294;
	view.dry_run = false;
	view.measured = &measured;
	view.verify = "db.example:5432";
	shows(&view, "close-done.txt", "close-done.json", tell_verdicts);
	end(&made);
}

static void tell_why(struct close_view *view)
{
	struct close_group *groups = (struct close_group *)view->groups;

	for (size_t i = 0; i < view->group_count; i++) {
		groups[i].failed = groups[i].count;
		groups[i].why = _("this kernel closes no sockets from outside "
				  "(CONFIG_INET_DIAG_DESTROY is off)");
	}
}

TEST(what_failed_has_a_reason_and_no_room_is_made_up)
{
	struct made made;
	struct close_view view;

	make(&made, false);
	view = view_of(&made);
	view.dry_run = false;
	shows(&view, "close-failed.txt", NULL, tell_why);
	end(&made);
}

TEST(none_that_is_old_enough)
{
	struct made made;
	struct close_view view;

	make(&made, false);
	made.plan.room_count = 0;
	view = view_of(&made);
	view.group_count = 0;
	view.young = 1200;
	view.ageless = 98;
	view.bound = 0;
	view.aged = view.watched = true;
	view.dry_run = false;
	shows(&view, "close-young.txt", NULL, NULL);
	view.watched = false;
	view.young = 0;
	shows(&view, "close-ageless.txt", "close-ageless.json", NULL);
	end(&made);
}

static void tell_ends(struct close_view *view)
{
	struct close_process_row *rows = (struct close_process_row *)view->processes;

	rows[0].outcome = "ended";
	rows[0].title = _("ended");
	rows[1].outcome = "still_runs";
	rows[1].title = _("does not end when asked to; --force kills it");
}

TEST(processes_are_offered_and_ended)
{
	struct made made;
	struct close_view view;

	make(&made, true);
	view = view_of(&made);
	view.ends = true;
	view.nobody = 10;
	view.shared = 7;
	view.processes = made.processes;
	view.process_count = 2;
	shows(&view, "close-offer.txt", NULL, NULL);
	view.dry_run = false;
	shows(&view, "close-ended.txt", "close-ended.json", tell_ends);
	end(&made);
}

TEST(many_groups_are_cut_and_names_move_no_cursor)
{
	struct made made;
	struct close_view view;
	struct close_group groups[25];
	struct process *hostile;

	make(&made, false);
	hostile = machine_process(&made.machine, 812);
	hostile->name = "a\033[2J\nb\xc2\x9b";
	hostile->unit = "\xe2\x80\xaexes.service";
	for (size_t i = 0; i < 25; i++)
		groups[i] = made.groups[0];
	view = view_of(&made);
	view.groups = groups;
	view.group_count = 25;
	view.ends = true;
	view.processes = made.processes;
	view.process_count = 1;
	view.verify = "\033[31mevil\n:1";
	view.before = (struct close_verdict){ "name_not_found", "name\033[0m" };
	shows(&view, "close-hostile.txt", NULL, NULL);
	end(&made);
}

SUITE(close_view, cmocka_unit_test(a_dry_run_shows_what_would_come_back),
      cmocka_unit_test(on_windows_words_are_of_windows),
      cmocka_unit_test(when_it_is_done_the_room_is_read_again),
      cmocka_unit_test(what_failed_has_a_reason_and_no_room_is_made_up),
      cmocka_unit_test(none_that_is_old_enough),
      cmocka_unit_test(processes_are_offered_and_ended),
      cmocka_unit_test(many_groups_are_cut_and_names_move_no_cursor));
