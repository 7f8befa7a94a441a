#include "diagnosis/machine.h"
#include "view/golden.h"
#include "view/view.h"

/* A machine with something in every table; tests/source/artefact/saved/saved.c reads what is written of it. */
static struct snapshot machine_with_everything(void)
{
	struct snapshot machine = machine_new();
	uint32_t other = machine_add_netns(&machine);

	hold(&machine, .count = 95, .pid = 812, .kind = CONNECT_OWNED);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40095, .count = 3,
	     .owner = OWNER_RECORDED, .pid = 700, .age = AGE_YOUNG, .expires_ms = 59000);
	hold(&machine, .state = SOCKET_BOUND, .local = "::1", .first = 40098, .each = 2,
	     .pid = 812, .kind = BIND_OWNED);
	hold(&machine, .netns = other, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED,
	     .count = 2, .pid = 900);
	machine_process(&machine, 812)->name = "bill\"ing\n\x1b[31m";
	machine_process(&machine, 812)->command_line = "billing --caf\xc3\xa9 \xff";
	machine_process(&machine, 812)->own_range = (struct port_range){ 40000, 40009 };
	machine_process(&machine, 700)->ended = true;
	machine.files_open = -1;
	machine.files_limit = INT64_MAX;
	machine.namespaces[other].kind = NETNS_NAMED;
	port_set_add(&machine.namespaces[other].known_bind, 40001);
	machine.namespaces[other].settings.range = (struct port_range){ 0 };
	masquerade(&machine, .ports = { 50000, 50009 }, .chain = "ip nat POSTROUTING",
		   .tcp = true);
	nat_through(&machine, .count = 10);
	nat_through(&machine, .destination = "10.0.9.2:443", .from = "10.1.0.3", .count = 3);
	nat_through(&machine, .destination = "10.0.9.2:443", .from = "10.1.0.4",
		    .first = 50010, .count = 2);
	array_reserve(machine.port_rules, machine.port_rule_count, machine.port_rule_capacity);
	machine.port_rules[machine.port_rule_count++] =
		(struct port_rule){ other, "inet filter input handle 12", { 49152, 65535 } };
	array_reserve(machine.boot_sockets, machine.boot_socket_count,
		      machine.boot_socket_capacity);
	machine.boot_sockets[machine.boot_socket_count++] =
		(struct boot_socket){ "cups.socket", PROTOCOL_TCP, 631 };
	snapshot_add_gap(&machine, GAP_ROOM, other, "bound-only sockets",
			 "a copied /proc does not contain them", NULL);
	snapshot_add_gap(&machine, GAP_OWNERS, -1, "sockets of other users' processes",
			 "/proc is mounted with hidepid", "run as root to name them");
	snapshot_add_source(&machine, &(struct source_report){ .name = "sock_diag",
							       .used = true,
							       .sockets = 102,
							       .milliseconds = 1.25 });
	snapshot_add_source(&machine, &(struct source_report){ .name = "bpf_tables",
							       .sockets = -1,
							       .why_not = "not permitted" });
	return machine;
}

TEST(every_fact_is_written)
{
	struct snapshot machine = machine_with_everything();
	struct golden golden;

	golden_begin(&golden);
	saved_json(&machine, golden.out);
	golden_end(&golden, "snapshot.json");
	snapshot_free(&machine);
}

/* What its own log has. */
static void log_own_events(struct evidence_facts *facts)
{
	facts->own = true;
	facts->artefact_count = 0; /* no file lists its sockets */
	array_reserve(facts->artefacts, facts->artefact_count, facts->artefact_capacity);
	facts->artefacts[facts->artefact_count++] = (struct artefact){
		.file = "System log", .kind = "event_log", .records = 2, .used_for = "events"
	};
	array_reserve(facts->logs, facts->log_count, facts->log_capacity);
	facts->logs[facts->log_count++] =
		(struct logged_log){ .channel = "System",
				     .records = 70000,
				     .oldest_ms = 1700000000000,
				     .newest_ms = 1760000000000,
				     .looked_from_ms = 1750000000000 };
	array_reserve(facts->events, facts->event_count, facts->event_capacity);
	facts->events[facts->event_count++] =
		(struct logged_event){ .id = 4231,
				       .provider = "Tcpip",
				       .count = 3,
				       .first_ms = 1751000000000,
				       .last_ms = 1752000000000 };
}

TEST(every_fact_of_windows_is_written)
{
	struct snapshot machine = machine_windows();
	struct windows_range *range =
		windows_range_of(machine.windows, PROTOCOL_UDP, FAMILY_IPV6);
	struct golden golden;

	machine.windows->timed_wait_delay_s = 60;
	machine.windows->max_user_port = -1;
	machine.windows->auto_reuse = (struct port_range){ 50000, 50009 };
	machine.windows->auto_reuse_known = true;
	range->range = (struct port_range){ 49152, 65535 };
	range->assumed = true;
	assert_true(port_set_parse(&range->excluded, "50000-50059,5357"));
	assert_true(port_set_parse(&range->reserved_at_run, "5357"));
	hold(&machine, .state = SOCKET_BOUND, .count = 3, .pid = 812);
	log_own_events(&machine.evidence);
	golden_begin(&golden);
	saved_json(&machine, golden.out);
	golden_end(&golden, "snapshot-windows.json");
	snapshot_free(&machine);
}

static void shows(void (*write)(const struct snapshot *machine,
				const struct view_style *style),
		  const char *name)
{
	for (enum golden_screen screen = 0; screen < SCREEN_COUNT; screen++) {
		struct snapshot machine = machine_with_everything();
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		write(&machine, &style);
		golden_end(&golden, name);
		snapshot_free(&machine);
	}
}

static void write_saved(const struct snapshot *machine, const struct view_style *style)
{
	saved_text(machine, SEVERITY_CRITICAL, "web\x1b.json", style);
}

TEST(a_saved_windows_has_no_namespaces_to_count)
{
	struct snapshot machine = machine_windows();
	struct golden golden;
	struct view_style style = golden_begin_screen(&golden, SCREEN_PIPE);

	hold(&machine, .count = 3, .pid = 812);
	saved_text(&machine, SEVERITY_OK, "web.json", &style);
	golden_end(&golden, "saved-windows.txt");
	snapshot_free(&machine);
}

static void write_origin(const struct snapshot *machine, const struct view_style *style)
{
	view_text_origin(machine, "web.json", style);
	view_text_origin(machine, NULL, style);
}

TEST(what_was_written_is_summed_up)
{
	shows(write_saved, "saved.txt");
}

TEST(what_was_read_is_named)
{
	shows(write_origin, "saved-origin.txt");
}

SUITE(saved_view, cmocka_unit_test(a_saved_windows_has_no_namespaces_to_count),
      cmocka_unit_test(every_fact_is_written),
      cmocka_unit_test(every_fact_of_windows_is_written),
      cmocka_unit_test(what_was_written_is_summed_up),
      cmocka_unit_test(what_was_read_is_named));
