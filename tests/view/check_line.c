#include "diagnosis/machine.h"
#include "view/golden.h"
#include "view/view.h"

#include <string.h>

static void shows(struct snapshot *machine,
		  void (*view)(const struct diagnosis *diagnosis,
			       const struct view_style *style),
		  const char *name)
{
	struct diagnosis diagnosis = judge(machine);
	struct golden golden;

	golden_begin(&golden);
	view(&diagnosis, &(struct view_style){ .out = golden.out });
	golden_end(&golden, name);
	machine_end(machine, &diagnosis);
}

static struct snapshot full_machine(void)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 100, .pid = 812, .kind = CONNECT_OWNED);
	hold(&machine, .count = 85, .pid = 401, .protocol = PROTOCOL_UDP,
	     .state = SOCKET_UNCONNECTED, .local = "0.0.0.0");
	return machine;
}

TEST(a_plugin_line_has_the_verdict_and_performance_data)
{
	struct snapshot machine = full_machine();

	shows(&machine, check_plugin, "plugin-full.txt");
	machine = machine_new();
	shows(&machine, check_plugin, "plugin-quiet.txt");
}

TEST(what_is_not_known_is_u)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].tcp_read = machine.namespaces[0].udp_read = false;
	shows(&machine, check_plugin, "plugin-unknown.txt");
}

TEST(a_checkmk_line_begins_with_the_status)
{
	struct snapshot machine = full_machine();

	shows(&machine, check_checkmk, "checkmk-full.txt");
}

TEST(a_node_problem_is_one_sentence)
{
	struct snapshot machine = full_machine();

	shows(&machine, check_node_problem, "node-problem-full.txt");
}

/* A name must not begin the performance data, nor a line. */
TEST(names_cannot_break_the_line)
{
	struct snapshot machine = full_machine();
	struct process *process = machine_process(&machine, 812);

	process->name = "a|b=1\nOK\xe2\x80\xae\033[1m\xff";
	shows(&machine, check_plugin, "plugin-hostile.txt");
}

SUITE(check_line, cmocka_unit_test(a_plugin_line_has_the_verdict_and_performance_data),
      cmocka_unit_test(what_is_not_known_is_u),
      cmocka_unit_test(a_checkmk_line_begins_with_the_status),
      cmocka_unit_test(a_node_problem_is_one_sentence),
      cmocka_unit_test(names_cannot_break_the_line));
