#include "diagnosis/machine.h"
#include "view/golden.h"
#include "view/view.h"

static void shows(struct snapshot *machine, const char *name, bool colour)
{
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);
		struct diagnosis diagnosis = judge(machine);

		style.colour = colour;
		check_text(&diagnosis, &style);
		diagnosis_free(&diagnosis);
		golden_end(&golden, name);
	}
	snapshot_free(machine);
}

TEST(a_quiet_machine_is_one_line)
{
	struct snapshot machine = machine_new();

	shows(&machine, "check-quiet.txt", false);
}

TEST(time_wait_names_nobody_and_shows_what_reuse_would_give)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 90, .state = SOCKET_TIME_WAIT, .expires_ms = 41200,
	     .kind = CONNECT_OWNED, .owner = OWNER_NOBODY);
	hold(&machine, .first = 40090, .count = 10, .pid = 812, .kind = CONNECT_OWNED);
	machine_process(&machine, 812)->name = "billing";
	machine_process(&machine, 812)->unit = "billing.service";
	machine_process(&machine, 812)->user_name = "app";
	shows(&machine, "check-time-wait.txt", false);
}

TEST(the_worst_comes_first_and_each_names_its_namespace)
{
	struct snapshot machine = machine_new();
	uint32_t other = machine_add_netns(&machine);

	hold(&machine, .count = 85, .pid = 401, .protocol = PROTOCOL_UDP,
	     .state = SOCKET_UNCONNECTED, .local = "0.0.0.0");
	hold(&machine, .netns = other, .count = 60, .state = SOCKET_BOUND, .pid = 900);
	hold(&machine, .netns = other, .first = 40060, .count = 40, .state = SOCKET_BOUND,
	     .pid = 901);
	shows(&machine, "check-two-namespaces.txt", false);
}

TEST(colour_marks_the_verdict_and_nothing_else)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 100, .pid = 812, .kind = CONNECT_OWNED);
	machine_process(&machine, 812)->package = "app";
	machine_process(&machine, 812)->version = "1.2-3";
	machine_process(&machine, 812)->vendor = "App Makers <app@example.org>";
	shows(&machine, "check-colour.txt", true);
}

TEST(a_name_cannot_move_the_cursor_or_fake_a_line)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 100, .pid = 812, .kind = CONNECT_OWNED);
	machine_process(&machine, 812)->name = "a\033[2Jb\nOK";
	machine_process(&machine, 812)->user_name = "\xe2\x80\xaexes";
	machine_process(&machine, 812)->package = "a\033[1A";
	machine_process(&machine, 812)->vendor = "b\nOK  <c@example.org>";
	shows(&machine, "check-hostile-name.txt", false);
}

TEST(what_was_not_seen_is_told_namespaces_together)
{
	struct snapshot machine = machine_new();

	for (int i = 0; i < 3; i++) {
		char what[32];

		snprintf(what, sizeof what, "network namespace %d", i);
		snapshot_add_gap(&machine, GAP_SCOPE, -1, what, "no privilege to enter it",
				 "run as root");
	}
	snapshot_add_gap(&machine, GAP_OWNERS, -1, "sockets of 4 processes", "no privilege",
			 NULL);
	shows(&machine, "check-gaps.txt", false);
}

TEST(busy_but_healthy_is_ok_with_a_note)
{
	struct snapshot machine = machine_new();

	for (int port = 0; port < 5; port++) {
		char remote[32];

		snprintf(remote, sizeof remote, "10.0.9.1:%d", 9000 + port);
		hold(&machine, .count = 60, .pid = 812, .remote = remote,
		     .kind = CONNECT_OWNED);
	}
	shows(&machine, "check-busy.txt", false);
}

TEST(source_nat_names_the_process_or_at_least_the_address)
{
	struct snapshot machine = machine_new();
	uint32_t client = machine_add_netns(&machine);

	assert_true(address_parse("10.1.0.2", &machine.namespaces[client].local_addresses[0]));
	machine.namespaces[client].settings.range = (struct port_range){ 32768, 60999 };
	machine.namespaces[0].conntrack =
		(struct netns_conntrack){ 1200, 262144, 31, 31, 0, .time_wait_s = 120 };
	machine.nat.takeover = NAT_TAKEOVER_NO;
	masquerade(&machine, .ports = { 50000, 50999 }, .chain = "ip nat POSTROUTING",
		   .tcp = true);
	nat_through(&machine, .count = 600);
	nat_through(&machine, .from = "10.1.0.77", .first = 50600, .count = 250);
	nat_through(&machine, .first = 50850, .from_first = 41000, .count = 120,
		    .state = NAT_TIME_WAIT);
	hold(&machine, .netns = client, .local = "10.1.0.2", .count = 600, .pid = 812);
	machine_process(&machine, 812)->name = "crawler";
	machine_process(&machine, 812)->container =
		"3f4e5d6c7b8a90123f4e5d6c7b8a90123f4e5d6c7b8a90123f4e5d6c7b8a9012";
	shows(&machine, "check-nat.txt", false);
}

TEST(a_look_alike_says_that_ports_are_not_short)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 10, .pid = 812, .kind = CONNECT_OWNED);
	machine_process(&machine, 812)->name = "billing";
	machine_process(&machine, 812)->unit = "billing.service";
	machine_process(&machine, 812)->descriptors = 1024;
	machine_process(&machine, 812)->descriptor_limit = 1024;
	machine_process(&machine, 812)->descriptor_hard_limit = 524288;
	machine_process(&machine, 812)->socket_descriptors = 1009;
	machine.namespaces[0].settings.range = (struct port_range){ 32768, 60999 };
	machine.namespaces[0].conntrack = (struct netns_conntrack){ 250000, 262144, 0, 0, 12 };
	machine.namespaces[0].settings.autobind_reuse = 1;
	shows(&machine, "check-look-alikes.txt", false);
}

TEST(who_does_not_answer_and_who_does_not_close_are_named)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 100, .state = SOCKET_SYN_SENT, .pid = 812,
	     .kind = CONNECT_OWNED, .remote = "10.0.9.9:443");
	hold(&machine, .count = 60, .state = SOCKET_FIN_WAIT2, .kind = CONNECT_OWNED);
	hold(&machine, .first = 40060, .count = 25, .state = SOCKET_FIN_WAIT2, .pid = 900,
	     .kind = CONNECT_OWNED);
	shows(&machine, "check-silent-peers.txt", false);
}

/* Who packages Python has nothing to do with what runs in it. */
TEST(a_script_is_named_instead_of_its_interpreter)
{
	struct snapshot machine = machine_new();
	struct process *process;

	hold(&machine, .count = 100, .pid = 5055, .kind = CONNECT_OWNED);
	process = machine_process(&machine, 5055);
	process->name = "python3";
	process->executable = "/usr/bin/python3.11";
	process->command_line =
		"/usr/bin/python3 /opt/app/billing.py --prod --name \033[2J\n --database "
		"postgresql://10.0.9.1:5432/accounts --workers 12 --queue invoices";
	process->package = "python3.11-minimal";
	process->version = "3.11.2-6";
	process->vendor = "Matthias Klose <doko@debian.org>";
	shows(&machine, "check-script.txt", false);
}

/* One process, three destinations: told once. Another's stand between them by their order. */
TEST(what_has_one_cause_is_told_together)
{
	struct snapshot machine = machine_new();

	for (int at = 0; at < 4; at++) {
		char remote[32];

		snprintf(remote, sizeof remote, "10.0.9.%d:5432", at + 1);
		hold(&machine, .count = 100, .pid = at == 1 ? 900 : 812, .remote = remote,
		     .kind = CONNECT_OWNED);
	}
	shows(&machine, "check-together.txt", false);
}

TEST(many_of_one_cause_are_counted_with_their_culprit)
{
	struct snapshot machine = machine_new();

	for (int at = 0; at < 12; at++) {
		char remote[32];

		snprintf(remote, sizeof remote, "10.0.9.%d:5432", at + 1);
		hold(&machine, .count = at < 10 ? 100 : 85, .pid = 812, .remote = remote,
		     .kind = CONNECT_OWNED);
	}
	shows(&machine, "check-one-culprit.txt", false);
}

TEST(what_explains_is_a_note_and_leaves_the_verdict)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = 59999;
	for (unsigned port = 40000; port < 60000; port += 2)
		hold(&machine, .first = (uint16_t)port, .state = SOCKET_TIME_WAIT,
		     .kind = CONNECT_OWNED);
	shows(&machine, "check-notes.txt", false);
}

TEST(a_sample_tells_makers_pace_and_what_follows)
{
	struct snapshot machine = machine_sampled();

	shows(&machine, "check-sample.txt", false);
}

SUITE(check_text, cmocka_unit_test(a_quiet_machine_is_one_line),
      cmocka_unit_test(time_wait_names_nobody_and_shows_what_reuse_would_give),
      cmocka_unit_test(the_worst_comes_first_and_each_names_its_namespace),
      cmocka_unit_test(colour_marks_the_verdict_and_nothing_else),
      cmocka_unit_test(a_name_cannot_move_the_cursor_or_fake_a_line),
      cmocka_unit_test(what_was_not_seen_is_told_namespaces_together),
      cmocka_unit_test(busy_but_healthy_is_ok_with_a_note),
      cmocka_unit_test(source_nat_names_the_process_or_at_least_the_address),
      cmocka_unit_test(a_look_alike_says_that_ports_are_not_short),
      cmocka_unit_test(who_does_not_answer_and_who_does_not_close_are_named),
      cmocka_unit_test(a_script_is_named_instead_of_its_interpreter),
      cmocka_unit_test(what_has_one_cause_is_told_together),
      cmocka_unit_test(many_of_one_cause_are_counted_with_their_culprit),
      cmocka_unit_test(what_explains_is_a_note_and_leaves_the_verdict),
      cmocka_unit_test(a_sample_tells_makers_pace_and_what_follows));
