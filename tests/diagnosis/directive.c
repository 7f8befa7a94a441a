#include "diagnosis/machine.h"

#include <string.h>

/* Who is known by its executable is told how to do it in its own configuration. */
static struct snapshot used_by(const char *executable, const char *name,
			       enum socket_state state)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 100, .state = state, .pid = 812, .kind = CONNECT_OWNED);
	machine_process(&machine, 812)->executable = executable;
	machine_process(&machine, 812)->name = name;
	return machine;
}

static bool directs(struct snapshot *machine, const char *rule, const char *remedy,
		    const char *word)
{
	struct diagnosis diagnosis = judge(machine);
	const struct finding *finding = finding_of(&diagnosis, rule);
	const char *directive;
	bool found;

	assert_non_null(finding);
	directive = remedy_with(finding, remedy)->directive;
	found = word ? directive && strstr(directive, word) : directive == NULL;
	machine_end(machine, &diagnosis);
	return found;
}

TEST(nginx_is_told_of_keepalive)
{
	struct snapshot machine =
		used_by("/usr/sbin/nginx", "nginx: worker", SOCKET_ESTABLISHED);

	assert_true(directs(&machine, "destination_full", "fewer connections", "keepalive"));
}

TEST(java_is_told_how_to_close)
{
	struct snapshot machine =
		used_by("/usr/lib/jvm/jdk-17/bin/java", "java", SOCKET_CLOSE_WAIT);

	assert_true(directs(&machine, "close_wait_leak", "mend the program", "Java"));
}

TEST(node_is_told_of_a_timeout)
{
	struct snapshot machine = used_by("/usr/bin/node", "node", SOCKET_SYN_SENT);

	assert_true(directs(&machine, "syn_sent_blackhole", "connect timeout", "Node"));
}

TEST(an_unknown_program_gets_the_advice_alone)
{
	struct snapshot machine = used_by("/opt/x/billing", "billing", SOCKET_ESTABLISHED);

	assert_true(directs(&machine, "destination_full", "fewer connections", NULL));
}

static bool is_told_by_runtime(const char *runtime, const char *word)
{
	struct snapshot machine = used_by("/opt/x/billing", "billing", SOCKET_ESTABLISHED);

	machine_process(&machine, 812)->runtime = runtime;
	return directs(&machine, "destination_full", "fewer connections", word);
}

TEST(a_program_named_after_itself_is_told_by_what_it_is_written_for)
{
	assert_true(is_told_by_runtime("Go", "Transport.MaxIdleConnsPerHost"));
	assert_true(is_told_by_runtime(".NET", "one static HttpClient"));
	assert_true(is_told_by_runtime("Java", "one HttpClient"));
}

SUITE(directive, cmocka_unit_test(nginx_is_told_of_keepalive),
      cmocka_unit_test(java_is_told_how_to_close), cmocka_unit_test(node_is_told_of_a_timeout),
      cmocka_unit_test(a_program_named_after_itself_is_told_by_what_it_is_written_for),
      cmocka_unit_test(an_unknown_program_gets_the_advice_alone));
