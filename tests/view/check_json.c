#include "diagnosis/machine.h"
#include "view/golden.h"
#include "view/view.h"

static void shows(struct snapshot *machine, const char *name, uint64_t limit)
{
	struct diagnosis diagnosis = judge(machine);
	struct golden golden;

	golden_begin(&golden);
	check_json(&diagnosis, &(struct view_style){ .out = golden.out, .limit = limit });
	golden_end(&golden, name);
	machine_end(machine, &diagnosis);
}

TEST(a_full_destination_has_every_key)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 95, .pid = 812, .kind = CONNECT_OWNED);
	machine_process(&machine, 812)->name = "bill\"ing\n";
	machine_process(&machine, 812)->runtime = "Go";
	machine_process(&machine, 812)->package = "billing";
	machine_process(&machine, 812)->version = "2:1.5-7";
	machine_process(&machine, 812)->vendor = "A \"B\" C <c@example.org>";
	shows(&machine, "check-destination.json", 10);
}

TEST(what_is_not_known_is_null_and_never_a_number)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range = (struct port_range){ 0 };
	hold(&machine, .count = 5, .pid = 812);
	shows(&machine, "check-unknown.json", 10);
}

TEST(the_limit_counts_destinations_fullest_first)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 10, .pid = 812, .kind = CONNECT_OWNED);
	hold(&machine, .count = 30, .pid = 812, .remote = "10.0.9.2:80",
	     .kind = CONNECT_OWNED);
	shows(&machine, "check-limit.json", 1);
}

TEST(nat_tells_who_made_connections_and_leaves_null_what_is_not_known)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].conntrack =
		(struct netns_conntrack){ 40, 1000, 3, 3, 0, .time_wait_s = 120 };
	masquerade(&machine, .ports = { 50000, 50009 }, .chain = "ip nat POSTROUTING",
		   .tcp = true);
	nat_through(&machine, .count = 10);
	nat_through(&machine, .protocol = PROTOCOL_UDP, .state = NAT_UNREPLIED,
		    .destination = "[2001:db8::53]:53", .address = "2001:db8::1",
		    .from = "fd01::2", .count = 3);
	shows(&machine, "check-nat.json", 10);
}

TEST(a_sample_gives_rates_and_openers)
{
	struct snapshot machine = machine_sampled();

	shows(&machine, "check-sample.json", 10);
}

SUITE(check_json,
      cmocka_unit_test(nat_tells_who_made_connections_and_leaves_null_what_is_not_known),
      cmocka_unit_test(a_full_destination_has_every_key),
      cmocka_unit_test(what_is_not_known_is_null_and_never_a_number),
      cmocka_unit_test(the_limit_counts_destinations_fullest_first),
      cmocka_unit_test(a_sample_gives_rates_and_openers));
