#include "fixture.h"

#include <stdio.h>
#include <string.h>

/* What dump.py has put into every text: one machine, in the words of each tool. */
enum { LEAK = 4321, LEAKED = 15 };

static void is_the_machine(const struct told *told, const char *name)
{
	const struct dossier_table *table = told_table(told);

	assert_that(table, "%s: no table", name);
	assert_that(told_rows(told, SOCKET_LISTEN) == 2, "%s: listeners", name);
	assert_that(told_rows(told, SOCKET_UNCONNECTED) == 2, "%s: UDP", name);
	assert_that(told_rows(told, SOCKET_TIME_WAIT) == 1, "%s: TIME_WAIT", name);
	assert_that(told_rows(told, SOCKET_CLOSE_WAIT) == 10, "%s: CLOSE_WAIT", name);
	assert_that(told_rows(told, SOCKET_ESTABLISHED) == 5, "%s: connections", name);
	assert_that(table->count == 20, "%s: %zu rows", name, table->count);
	assert_that(!table->unread_rows, "%s: %d rows not read", name,
		    (int)table->unread_rows);
	assert_that(table->shows_owners && !table->shows_bound, "%s: what it shows", name);
	for (size_t i = 0; i < table->count; i++) {
		const struct dossier_socket *socket = &table->sockets[i];

		if (socket->state != SOCKET_CLOSE_WAIT)
			continue;
		assert_that(socket->pid == LEAK, "%s: pid %d", name, socket->pid);
		assert_that(socket->remote_port == 5432, "%s: remote port", name);
		assert_that(!strcmp(socket->name, "billing.exe"), "%s: owner", name);
	}
}

TEST(sockets_are_read_from_what_each_tool_prints)
{
	static const char *const names[] = {
		"volatility3-netscan.txt",
		"volatility3-netscan.csv",
		"volatility3-netscan-pretty.txt",
		"volatility2-netscan.txt",
		"memprocfs-netstat.txt",
		"memprocfs-netstat-v.txt",
		"memprocfs-net.csv",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct fixture text;
		struct told told;

		fixture_load(&text, names[i]);
		fixture_tell(&text, &told);
		is_the_machine(&told, names[i]);
		/* One is CLOSED, and holds no port. */
		assert_int_equal(told.snapshot.evidence.artefact_count, 1);
		assert_non_null(
			strstr(told.snapshot.evidence.artefacts[0].partial, "1 closed"));
		told_end(&told);
	}
}

static int64_t kind_count(const struct process *process, const char *name)
{
	for (size_t i = 0; i < process->kind_count; i++)
		if (!strcmp(process->kinds[i].name, name))
			return process->kinds[i].count;
	return 0;
}

static void has_handles(const struct told *told, const char *name)
{
	const struct process *leak = told_process(told, LEAK);
	const struct process *system = told_process(told, 4);
	const struct process *lsass = told_process(told, 700);

	assert_that(leak && system && lsass, "%s: processes", name);
	assert_that(leak->descriptors == LEAKED + 8, "%s: %d handles", name,
		    (int)leak->descriptors);
	assert_that(leak->socket_descriptors == LEAKED, "%s: %d sockets", name,
		    (int)leak->socket_descriptors);
	assert_that(kind_count(leak, OPEN_KIND_AFD) == LEAKED, "%s: \\Device\\Afd", name);
	assert_that(kind_count(leak, "File") == 2, "%s: files", name);
	assert_that(kind_count(leak, "Event") == 4, "%s: events", name);
	assert_that(kind_count(leak, "ALPC Port") == 1, "%s: ALPC Port", name);
	assert_that(system->descriptors == 6 && system->socket_descriptors == 2, "%s: System",
		    name);
	assert_that(lsass->descriptors == 7 && lsass->socket_descriptors == 0, "%s: lsass",
		    name);
}

TEST(handles_are_read_from_what_each_tool_prints)
{
	static const char *const names[] = {
		"volatility3-handles.txt",	  "volatility3-handles.csv",
		"volatility3-handles-pretty.txt", "volatility2-handles.txt",
		"memprocfs-handles.txt",	  "memprocfs-handles.csv",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct fixture text;
		struct told told;

		fixture_load(&text, names[i]);
		fixture_tell(&text, &told);
		has_handles(&told, names[i]);
		told_end(&told);
	}
}

TEST(the_debugger_tells_how_many_handles_there_are_and_no_more)
{
	const struct process *leak;
	struct fixture text;
	struct told told;

	fixture_load(&text, "kd-process.txt");
	fixture_tell(&text, &told);
	leak = told_process(&told, LEAK);
	assert_non_null(leak);
	assert_string_equal(leak->name, "billing.exe");
	assert_int_equal(leak->descriptors, LEAKED + 8);
	assert_int_equal(leak->socket_descriptors, -1);
	assert_null(leak->kinds);
	assert_int_equal(told_process(&told, 4)->descriptors, 6);
	assert_int_equal(told_part(&told, "kd-process")->records, 3);
	told_end(&told);
}

/* One behind the other in one file: the second begins before the first is ended. */
TEST(listings_may_follow_each_other)
{
	struct fixture text, more;
	struct told told;

	fixture_load(&text, "volatility3-handles.txt");
	fixture_load(&more, "volatility3-netscan.txt");
	memcpy(text.bytes + text.size, more.bytes, more.size);
	text.size += more.size;
	fixture_load(&more, "memprocfs-netstat.txt");
	memcpy(text.bytes + text.size, more.bytes, more.size);
	text.size += more.size;
	fixture_tell(&text, &told);
	has_handles(&told, "handles");
	assert_int_equal(told.dossier.table_count, 2);
	assert_int_equal(told.dossier.tables[0].count, 20);
	assert_int_equal(told.dossier.tables[1].count, 20);
	told_end(&told);
}

TEST(text_and_csv_of_one_tool_may_follow_each_other)
{
	struct fixture text, more;
	struct told told;

	fixture_load(&text, "memprocfs-netstat.txt");
	fixture_load(&more, "memprocfs-net.csv");
	memcpy(text.bytes + text.size, more.bytes, more.size);
	text.size += more.size;
	fixture_load(&more, "memprocfs-netstat-v.txt");
	memcpy(text.bytes + text.size, more.bytes, more.size);
	text.size += more.size;
	fixture_tell(&text, &told);
	assert_int_equal(told_part(&told, "memprocfs-sockets")->records, 60);
	told_end(&told);
}

/* In whichever order they come. */
TEST(a_sum_does_not_take_the_place_of_what_is_told_by_type)
{
	static const char *const names[2][2] = {
		{ "kd-process.txt", "volatility3-handles.txt" },
		{ "volatility3-handles.txt", "kd-process.txt" },
	};

	for (int i = 0; i < 2; i++) {
		struct fixture text;
		struct told told;

		told_begin(&told);
		for (int j = 0; j < 2; j++) {
			fixture_load(&text, names[i][j]);
			told_file(&told, text.bytes, text.size);
		}
		has_handles(&told, names[i][0]);
		told_end(&told);
	}
}

#define HEADING                                                                               \
	"Offset\tProto\tLocalAddr\tLocalPort\tForeignAddr\tForeignPort\tState\tPID\tOwner\tCreated\n"

TEST(what_was_freed_is_not_counted_and_what_is_missing_is_not_invented)
{
	struct told told;

	told_of(&told,
		HEADING "0x1\tTCPv4\t10.0.2.15\t49229\t10.9.9.9\t4444\tESTABLISHED\t-\t-\t-\n"
			"0x2\tTCPv4\t-\t49230\t10.9.9.9\t4444\tESTABLISHED\t77\tx.exe\t-\n"
			"0x3\tTCPv4\t10.0.2.15\t49231\t10.9.9.9\t80\tCLOSED\t5896\tx.exe\t-\n"
			"0x4\tTCPv4\t10.0.2.15\t49232\t10.9.9.9\t80\tDELETE_TCB\t-\t-\t-\n"
			"0x5\tUDPv4\t0.0.0.0\t0\t*\t0\t\t5480\tx.exe\t-\n"
			"0x6\tTCPv4\t10.0.2.15\t99999\t10.9.9.9\t80\tESTABLISHED\t1\tx\t-\n"
			"0x7\tTCPv4\t10.0.2.15\t49233\t10.9.9.9\t80\tWHAT\t1\tx\t-\n");
	assert_int_equal(told_table(&told)->count, 2);
	assert_int_equal(told_table(&told)->unread_rows, 2);
	assert_int_equal(told_table(&told)->sockets[0].pid, -1);
	assert_null(told_table(&told)->sockets[0].name);
	assert_int_equal(told_table(&told)->sockets[1].local.family, FAMILY_IPV4);
	assert_non_null(strstr(told_part(&told, "volatility-sockets")->partial, "3 closed"));
	told_end(&told);
}

#define HANDLES "PID\tProcess\tOffset\tHandleValue\tType\tGrantedAccess\tName\n"

/* What memory was missing for is printed as rubbish; helpers of runtimes are not sockets. */
TEST(only_endpoints_of_afd_are_sockets_and_rubbish_is_no_type)
{
	const struct process *process;
	struct told told;

	told_of(&told,
		HANDLES "9\ta.exe\t0x1\t0x4\tFile\t0x3\t\\Device\\Afd\n"
			"9\ta.exe\t0x1\t0x8\tFile\t0x3\t\\Device\\Afd\\Endpoint\n"
			"9\ta.exe\t0x1\t0xc\tFile\t0x3\t\\device\\afd\\ENDPOINT\n"
			"9\ta.exe\t0x1\t0x10\tFile\t0x3\t\\Device\\Afd\\AsyncConnectHlp\n"
			"9\ta.exe\t0x1\t0x14\tFile\t0x3\t\\Device\\Afdx\n"
			"9\ta.exe\t0x1\t0x18\tKey\t0x3\t\\Device\\Afd\\Endpoint\n"
			"9\ta.exe\t0x1\t0x1c\t\xED\x85\x98\xE0\xBF\xB2\t0x3\t\n"
			"-\ta.exe\t0x1\t0x20\tFile\t0x3\t\n");
	process = told_process(&told, 9);
	assert_int_equal(process->descriptors, 7);
	assert_int_equal(process->socket_descriptors, 3);
	assert_int_equal(kind_count(process, "File"), 2);
	assert_int_equal(kind_count(process, "other"), 1);
	assert_non_null(strstr(told_part(&told, "volatility-handles")->partial, "1 row "));
	told_end(&told);
}

TEST(more_types_than_there_can_be_are_others)
{
	static char text[1 << 15];
	size_t at = (size_t)snprintf(text, sizeof text, HANDLES);
	const struct process *process;
	int64_t sum = 0;
	struct told told;

	for (int i = 0; i < 500; i++)
		at += (size_t)snprintf(text + at, sizeof text - at,
				       "9\ta.exe\t0x1\t0x4\tType%d\t0x3\t\n", i);
	told_of(&told, text);
	process = told_process(&told, 9);
	assert_int_equal(process->descriptors, 500);
	assert_int_equal(process->kind_count, 128);
	assert_int_equal(kind_count(process, "other"), 500 - 127);
	for (size_t i = 0; i < process->kind_count; i++)
		sum += process->kinds[i].count;
	assert_int_equal(sum, 500);
	told_end(&told);
}

SUITE(dump_text, cmocka_unit_test(sockets_are_read_from_what_each_tool_prints),
      cmocka_unit_test(handles_are_read_from_what_each_tool_prints),
      cmocka_unit_test(the_debugger_tells_how_many_handles_there_are_and_no_more),
      cmocka_unit_test(listings_may_follow_each_other),
      cmocka_unit_test(text_and_csv_of_one_tool_may_follow_each_other),
      cmocka_unit_test(a_sum_does_not_take_the_place_of_what_is_told_by_type),
      cmocka_unit_test(what_was_freed_is_not_counted_and_what_is_missing_is_not_invented),
      cmocka_unit_test(only_endpoints_of_afd_are_sockets_and_rubbish_is_no_type),
      cmocka_unit_test(more_types_than_there_can_be_are_others));
