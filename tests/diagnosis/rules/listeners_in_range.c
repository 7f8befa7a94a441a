#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "listeners_in_range";

static void listen_on(struct snapshot *machine, uint16_t port)
{
	hold(machine, .first = port, .state = SOCKET_LISTEN, .local = "0.0.0.0", .pid = 900);
	port_set_add(&machine->namespaces[0].listening[PROTOCOL_TCP], port);
}

static struct snapshot connected(void)
{
	struct snapshot machine = machine_new();

	hold(&machine, .first = 40090, .count = 1, .pid = 812, .kind = CONNECT_OWNED);
	return machine;
}

static bool is_remarked(struct snapshot *machine)
{
	struct diagnosis diagnosis = judge(machine);
	bool remarked = remark_of(&diagnosis, rule);

	machine_end(machine, &diagnosis);
	return remarked;
}

TEST(a_listener_in_the_range_is_named_with_its_program)
{
	struct snapshot machine = connected();
	struct diagnosis diagnosis;
	const struct finding *remark;

	listen_on(&machine, 40010);
	machine_process(&machine, 900)->name = "java";
	port_set_add(&machine.namespaces[0].settings.reserved, 40080);
	diagnosis = judge(&machine);
	remark = remark_of(&diagnosis, rule);
	assert_non_null(remark);
	assert_non_null(strstr(remark->title, "40010 (java)"));
	/* What is reserved already stays so. */
	assert_string_equal(remark->remedies[0].command,
			    "sysctl -w net.ipv4.ip_local_reserved_ports=40010,40080");
	assert_int_equal(diagnosis.finding_count, 0);
	machine_end(&machine, &diagnosis);
}

TEST(a_listener_beside_the_range_or_on_a_reserved_port_is_fine)
{
	struct snapshot machine = connected();

	listen_on(&machine, 39999);
	listen_on(&machine, 40100);
	listen_on(&machine, 40020);
	port_set_add(&machine.namespaces[0].settings.reserved, 40020);
	assert_false(is_remarked(&machine));
}

TEST(dynamic_ports_were_chosen_by_the_system)
{
	struct snapshot machine = connected();

	machine.namespaces[0].settings.range = (struct port_range){ 40000, 50001 };
	listen_on(&machine, 49152);
	assert_false(is_remarked(&machine));
	machine = connected();
	machine.namespaces[0].settings.range = (struct port_range){ 40000, 50001 };
	listen_on(&machine, 49151);
	assert_true(is_remarked(&machine));
}

TEST(without_outgoing_connections_nobody_takes_the_port)
{
	struct snapshot machine = machine_new();

	listen_on(&machine, 40010);
	assert_false(is_remarked(&machine));
}

TEST(many_listeners_are_counted_and_the_first_named)
{
	struct snapshot machine = connected();
	struct diagnosis diagnosis;
	const struct finding *remark;

	for (uint16_t port = 40010; port < 40020; port++)
		listen_on(&machine, port);
	diagnosis = judge(&machine);
	remark = remark_of(&diagnosis, rule);
	assert_int_equal(evidence_of(remark, "listeners"), 10);
	assert_non_null(strstr(remark->title, "..."));
	assert_string_equal(remark->remedies[0].command,
			    "sysctl -w net.ipv4.ip_local_reserved_ports=40010-40019");
	machine_end(&machine, &diagnosis);
}

SUITE(listeners_in_range, cmocka_unit_test(a_listener_in_the_range_is_named_with_its_program),
      cmocka_unit_test(a_listener_beside_the_range_or_on_a_reserved_port_is_fine),
      cmocka_unit_test(dynamic_ports_were_chosen_by_the_system),
      cmocka_unit_test(without_outgoing_connections_nobody_takes_the_port),
      cmocka_unit_test(many_listeners_are_counted_and_the_first_named));
