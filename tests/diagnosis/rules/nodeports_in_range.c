#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "nodeports_in_range";

static struct snapshot node(const char *process, uint16_t first, uint16_t last)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range = (struct port_range){ first, last };
	hold(&machine, .first = 10250, .state = SOCKET_LISTEN, .local = "0.0.0.0", .pid = 700);
	machine_process(&machine, 700)->name = process;
	return machine;
}

static int64_t node_ports(struct snapshot *machine)
{
	struct diagnosis diagnosis = judge(machine);
	const struct finding *remark = remark_of(&diagnosis, rule);
	int64_t count = remark ? evidence_of(remark, "node_ports") : 0;

	machine_end(machine, &diagnosis);
	return count;
}

TEST(a_range_over_the_node_ports_is_worth_a_remark_on_a_node)
{
	struct snapshot over = node("kubelet", 1024, 65535);
	struct snapshot beside = node("kubelet", 32768, 60999);
	struct snapshot touching = node("kube-proxy", 32767, 60998);

	assert_int_equal(node_ports(&over), 2768);
	assert_int_equal(node_ports(&beside), 0);
	assert_int_equal(node_ports(&touching), 1);
}

TEST(without_kubernetes_they_are_ports_like_others)
{
	struct snapshot machine = node("nginx", 1024, 65535);

	assert_int_equal(node_ports(&machine), 0);
}

TEST(reserved_node_ports_are_safe)
{
	struct snapshot machine = node("k3s-server", 1024, 65535);

	for (unsigned port = 30000; port <= 32767; port++)
		port_set_add(&machine.namespaces[0].settings.reserved, (uint16_t)port);
	assert_int_equal(node_ports(&machine), 0);
}

TEST(the_command_reserves_them_all)
{
	struct snapshot machine = node("kubelet", 1024, 65535);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *remark = remark_of(&diagnosis, rule);

	assert_string_equal(remark->remedies[0].command,
			    "sysctl -w net.ipv4.ip_local_reserved_ports=30000-32767");
	machine_end(&machine, &diagnosis);
}

SUITE(nodeports_in_range,
      cmocka_unit_test(a_range_over_the_node_ports_is_worth_a_remark_on_a_node),
      cmocka_unit_test(without_kubernetes_they_are_ports_like_others),
      cmocka_unit_test(reserved_node_ports_are_safe),
      cmocka_unit_test(the_command_reserves_them_all));
