#include "told.h"

#include <stdlib.h>
#include <string.h>

#define NAMES                                                                                 \
	"LocalAddress        LocalPort RemoteAddress       RemotePort State       "           \
	"AppliedSetting OwningProcess \n"
#define DASHES                                                                                \
	"------------        --------- -------------       ---------- -----       "           \
	"-------------- -------------\n"
#define LISTEN                                                                                \
	"::                  22        ::                  0          Listen      "           \
	"               1444          \n"
#define BOUND                                                                                 \
	"0.0.0.0             50001     0.0.0.0             0          Bound       "           \
	"               5120\n"
#define ESTABLISHED                                                                           \
	"10.1.2.3            50001     192.0.2.80          443        Established Internet "  \
	"      5120\n"
#define TIME_WAIT                                                                             \
	"10.1.2.3            50007     192.0.2.80          80         TimeWait             "  \
	"      0\n"

static const char *note_of(const struct told *told, const char *kind)
{
	const struct artefact *part = told_part(told, kind);

	assert_that(part, "%s", kind);
	return part->partial ? part->partial : "";
}

/* ---- tables ---- */

TEST(a_table_is_read_though_columns_are_empty_and_its_edge_is_ragged)
{
	const struct dossier_table *table;
	struct told told;

	told_of(&told, "PS C:\\> Get-NetTCPConnection\n\n" NAMES DASHES LISTEN BOUND
			       ESTABLISHED TIME_WAIT "\n\nPS C:\\> \n");
	table = told_table(&told);
	assert_int_equal(table->count, 4);
	assert_int_equal(told_rows(&told, SOCKET_LISTEN), 1);
	assert_int_equal(told_rows(&told, SOCKET_BOUND), 1);
	assert_int_equal(told_rows(&told, SOCKET_TIME_WAIT), 1);
	assert_int_equal(table->sockets[2].pid, 5120);
	assert_int_equal(table->sockets[2].local_port, 50001);
	assert_int_equal(table->sockets[2].remote_port, 443);
	assert_int_equal(table->sockets[3].pid, 0);
	assert_int_equal(table->sockets[0].local.family, FAMILY_IPV6);
	assert_true(table->shows_tcp && table->shows_bound && table->shows_owners);
	assert_false(table->shows_udp || table->is_excerpt || table->unread_rows);
	told_end(&told);
}

TEST(a_connection_that_is_listed_twice_holds_its_port_once)
{
	struct told told;

	told_of(&told, NAMES DASHES BOUND ESTABLISHED);
	dossier_join(&told.dossier);
	assert_int_equal(told.snapshot.holding_count, 1);
	assert_int_equal(told.snapshot.holdings[0].key.state, SOCKET_ESTABLISHED);
	told_end(&told);
	/* Of another process it is another one. */
	told_of(&told, NAMES DASHES
		"0.0.0.0             50001     0.0.0.0             0          Bound       "
		"               77\n" ESTABLISHED);
	dossier_join(&told.dossier);
	assert_int_equal(told.snapshot.holding_count, 2);
	told_end(&told);
}

TEST(a_table_may_lack_owners_or_have_its_blanks_squeezed_out)
{
	struct told told;

	told_of(&told,
		"LocalAddress     LocalPort RemoteAddress   RemotePort State       AppliedSetting\n"
		"------------     --------- -------------   ---------- -----       --------------\n"
		"0.0.0.0          65144     0.0.0.0         0          Bound                     \n"
		"192.0.2.121      65144     198.51.100.106  443        CloseWait   Internet\n");
	assert_false(told_table(&told)->shows_owners);
	assert_int_equal(told_table(&told)->sockets[1].pid, -1);
	assert_int_equal(told_rows(&told, SOCKET_CLOSE_WAIT), 1);
	told_end(&told);

	told_of(&told, NAMES DASHES "0.0.0.0 49668 0.0.0.0 0 Listen 424\n"
				    "10.0.0.1 50000 192.0.2.1 443 Established Internet 8\n");
	assert_int_equal(told_table(&told)->count, 2);
	assert_int_equal(told_table(&told)->sockets[0].pid, 424);
	assert_int_equal(told_table(&told)->sockets[1].pid, 8);
	told_end(&told);
}

TEST(rows_are_known_without_the_line_of_names_and_are_an_excerpt_then)
{
	struct told told;

	told_of(&told, ESTABLISHED TIME_WAIT "10.0.0.1 50000 192.0.2.1 443 Established\n");
	assert_int_equal(told_table(&told)->count, 3);
	assert_true(told_table(&told)->is_excerpt);
	assert_int_equal(told_table(&told)->sockets[0].pid, 5120);
	told_end(&told);
	/* A number is no state: it may be any table. */
	told_of(&told, "10.0.0.1 50000 192.0.2.1 443 5\n");
	assert_int_equal(told.dossier.table_count, 0);
	told_end(&told);
}

TEST(a_chosen_part_of_the_columns_is_enough)
{
	struct told told;

	told_of(&told, "LocalAddress LocalPort       State OwningProcess\n"
		       "------------ ---------       ----- -------------\n"
		       "0.0.0.0          50001       Bound          5120\n"
		       "10.1.2.3         50001 Established          5120\n");
	assert_int_equal(told_table(&told)->count, 2);
	assert_int_equal(told_rows(&told, SOCKET_BOUND), 1);
	told_end(&told);

	/* Without State only what has a peer can be told. */
	told_of(&told, "LocalAddress LocalPort RemoteAddress RemotePort OwningProcess\n"
		       "------------ --------- ------------- ---------- -------------\n"
		       "0.0.0.0          50001 0.0.0.0                0          5120\n"
		       "10.1.2.3         50001 192.0.2.80           443          5120\n"
		       "10.1.2.3         50002 192.0.2.80           443             0\n");
	assert_int_equal(told_rows(&told, SOCKET_ESTABLISHED), 1);
	assert_int_equal(told_rows(&told, SOCKET_TIME_WAIT), 1);
	assert_int_equal(told_table(&told)->unread_rows, 1);
	told_end(&told);
}

TEST(what_was_filtered_is_an_excerpt)
{
	struct told told;

	told_of(&told, "PS C:\\> Get-NetTCPConnection -State Bound\n" NAMES DASHES BOUND);
	assert_true(told_table(&told)->is_excerpt);
	told_end(&told);
	told_of(&told,
		"PS C:\\> Get-NetTCPConnection | Sort-Object State\n" NAMES DASHES BOUND);
	assert_false(told_table(&told)->is_excerpt);
	told_end(&told);
}

TEST(a_table_that_was_cut_off_is_an_excerpt_and_that_is_told)
{
	struct told told;

	told_of(&told, NAMES DASHES LISTEN ESTABLISHED "10.1.2.3            500");
	assert_int_equal(told_table(&told)->count, 2);
	assert_true(told_table(&told)->is_excerpt);
	assert_non_null(strstr(note_of(&told, "Get-NetTCPConnection"), "cut off"));
	told_end(&told);
	/* A row that ends with the file may have had more behind it: a pid is shorter then. */
	told_of(&told, NAMES DASHES LISTEN
		"10.1.2.3            50001     192.0.2.80          443        Established "
		"Internet       51");
	assert_int_equal(told_table(&told)->count, 2);
	assert_true(told_table(&told)->is_excerpt);
	told_end(&told);
	/* What has no row at all does not say that there is no socket. */
	told_of(&told, NAMES DASHES);
	assert_true(told_table(&told)->is_excerpt);
	assert_non_null(strstr(note_of(&told, "Get-NetTCPConnection"), "no row"));
	told_end(&told);
	/* One that is spoilt in the middle costs a row. */
	told_of(&told, NAMES DASHES LISTEN
		"10.1.2.3   70000  192.0.2.1  443  Established\n" ESTABLISHED);
	assert_int_equal(told_table(&told)->count, 2);
	assert_int_equal(told_table(&told)->unread_rows, 1);
	assert_false(told_table(&told)->is_excerpt);
	assert_non_null(strstr(note_of(&told, "Get-NetTCPConnection"), "line 4"));
	told_end(&told);
}

TEST(udp_endpoints_are_told_from_connections)
{
	struct told told;

	told_of(&told, "LocalAddress                             LocalPort\n"
		       "------------                             ---------\n"
		       "fe80::1%12                               1900\n"
		       "0.0.0.0                                  53\n");
	assert_true(told_table(&told)->shows_udp && !told_table(&told)->shows_tcp);
	assert_int_equal(told_rows(&told, SOCKET_UNCONNECTED), 2);
	assert_false(told_table(&told)->shows_owners);
	told_end(&told);
	told_of(&told,
		"PS> Get-NetUDPEndpoint | select LocalAddress,LocalPort,OwningProcess | ft\n"
		"LocalAddress LocalPort OwningProcess\n"
		"------------ --------- -------------\n"
		"0.0.0.0             53          2100\n");
	assert_true(told_table(&told)->shows_owners);
	assert_int_equal(told_table(&told)->sockets[0].pid, 2100);
	told_end(&told);
}

/* ---- lists, CSV, JSON ---- */

TEST(a_list_is_read_object_by_object)
{
	struct told told;

	told_of(&told,
		"LocalAddress   : 172.18.0.8\nLocalPort      : 5847\n"
		"RemoteAddress  : 192.168.20.11\nRemotePort     : 15490\n"
		"State          : Established\nAppliedSetting : Internet\n"
		"OwningProcess  : 21616\nCreationTime   : 2020-08-28 \xec\x98\xa4 12:52:04\n"
		"OffloadState   : InHost\n\n"
		"LocalAddress   : ::\nLocalPort      : 443\nRemoteAddress  : ::\n"
		"RemotePort     : 0\nState          : Listen\nAppliedSetting : \n"
		"OwningProcess  : 4\n");
	assert_int_equal(told_table(&told)->count, 2);
	assert_int_equal(told_table(&told)->sockets[0].pid, 21616);
	assert_int_equal(told_table(&told)->sockets[1].local_port, 443);
	told_end(&told);
	/* Format-List * begins with State; an object may lack the blank line behind it. */
	told_of(&told, "State         : Bound\nOwningProcess : 7\nLocalAddress  : 0.0.0.0\n"
		       "LocalPort     : 50000\nCaption       : \nState         : Bound\n"
		       "OwningProcess : 8\nLocalAddress  : 0.0.0.0\nLocalPort     : 50001\n");
	assert_int_equal(told_rows(&told, SOCKET_BOUND), 2);
	assert_int_equal(told_table(&told)->sockets[1].pid, 8);
	told_end(&told);
	told_of(&told, "Name    : a thing\nVersion : 4\n");
	assert_non_null(told_part(&told, "PowerShell list")->why_not);
	told_end(&told);
}

TEST(csv_is_read_by_its_names_whatever_stands_between_fields)
{
	static const char *const files[] = {
		"#TYPE Microsoft.Management.Infrastructure.CimInstance#MSFT_NetTCPConnection\n"
		"\"Caption\",\"LocalAddress\",\"LocalPort\",\"OwningProcess\",\"State\"\n"
		"\"a, \"\"b\"\"\",\"10.0.0.1\",\"50000\",\"8\",\"Established\"\n"
		",\"::\",\"445\",\"4\",\"Listen\"\n",
		"State;OwningProcess;LocalPort;LocalAddress\nEstablished;8;50000;10.0.0.1\n"
		"Listen;4;445;::\n",
		"\"LocalPort\"\t\"LocalAddress\"\t\"State\"\t\"OwningProcess\"\n"
		"\"50000\"\t\"10.0.0.1\"\t\"5\"\t\"8\"\n\"445\"\t\"::\"\t\"2\"\t\"4\"\n",
	};
	struct told told;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		told_of(&told, files[i]);
		assert_that(told_table(&told)->count == 2 && told_table(&told)->shows_tcp,
			    "%zu", i);
		assert_int_equal(told_table(&told)->sockets[0].pid, 8);
		assert_int_equal(told_table(&told)->sockets[0].local_port, 50000);
		assert_int_equal(told_rows(&told, SOCKET_LISTEN), 1);
		told_end(&told);
	}
}

TEST(csv_that_is_spoilt_or_cut_off_is_read_as_far_as_it_goes)
{
	struct told told;

	told_of(&told, "\"LocalAddress\",\"LocalPort\",\"State\"\n\"::\",\"445\",\"Listen\"\n"
		       "\"::\",\"many\",\"Listen\"\n\"::\",\"446\",\"Listen\"\n\"::\",\"44");
	assert_int_equal(told_table(&told)->count, 2);
	assert_true(told_table(&told)->is_excerpt);
	assert_non_null(strstr(note_of(&told, "Get-NetTCPConnection"), "cut off"));
	told_end(&told);
	/* A value in quotes may have several lines. */
	told_of(&told, "\"LocalAddress\",\"LocalPort\",\"State\",\"Caption\"\n"
		       "\"::\",\"445\",\"Listen\",\"one\n\"\"two, three\n\"\n"
		       "\"::\",\"446\",\"Listen\",\"\"\n");
	assert_int_equal(told_table(&told)->count, 2);
	assert_int_equal(told_table(&told)->unread_rows, 0);
	told_end(&told);
}

TEST(json_may_be_a_list_one_object_or_a_list_that_was_wrapped)
{
	static const char *const files[] = {
		"[{\"LocalAddress\":\"10.0.0.1\",\"LocalPort\":50000,\"State\":5,"
		"\"OwningProcess\":8,\"CimClass\":{\"CimClassName\":\"MSFT_NetTCPConnection\"}}]",
		"{\"State\": \"Established\", \"OwningProcess\": 8, \"LocalPort\": 50000,\n"
		" \"Caption\": null, \"LocalAddress\": \"10.0.0.1\"}",
		"\xEF\xBB\xBF{ \"value\" : [ {\"LocalPort\":50000,\"LocalAddress\":\"10.0.0.1\","
		"\"State\":{\"value\":5,\"Value\":\"Established\"},\"OwningProcess\":8} ],"
		"\"Count\":1}",
		"{\"LocalPort\":\"50000\",\"LocalAddress\":\"10.0.0.1\",\"State\":{\"value\":5},"
		"\"OwningProcess\":8,\"more\":[{\"LocalPort\":1,\"LocalAddress\":\"::\"}]}\n",
	};
	struct told told;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		told_of(&told, files[i]);
		assert_that(told.dossier.table_count == 1, "%zu", i);
		assert_int_equal(told_rows(&told, SOCKET_ESTABLISHED), 1);
		assert_int_equal(told_table(&told)->count, 1);
		assert_int_equal(told_table(&told)->sockets[0].pid, 8);
		assert_int_equal(told_table(&told)->sockets[0].local_port, 50000);
		assert_string_equal(note_of(&told, "Get-NetTCPConnection"), "");
		told_end(&told);
	}
}

TEST(json_that_was_cut_off_or_is_spoilt_is_read_as_far_as_it_goes)
{
#define ONE "{\"LocalAddress\":\"::\",\"LocalPort\":445,\"State\":2}"
	struct told told;

	told_of(&told, "[" ONE "," ONE ",{\"LocalAddress\":\"::\",\"Loc");
	assert_int_equal(told_table(&told)->count, 2);
	assert_true(told_table(&told)->is_excerpt);
	assert_non_null(strstr(note_of(&told, "Get-NetTCPConnection"), "byte 97"));
	told_end(&told);

	told_of(&told, "[" ONE ",{\"LocalPort\":445,,\"State\":],}," ONE "]");
	assert_int_equal(told_table(&told)->count, 2);
	assert_non_null(strstr(note_of(&told, "Get-NetTCPConnection"), "byte 49"));
	told_end(&told);

	told_of(&told, "[" ONE " and " ONE "]");
	assert_int_equal(told_table(&told)->count, 2);
	assert_non_null(strstr(note_of(&told, "Get-NetTCPConnection"), "no JSON"));
	told_end(&told);

	told_of(&told, "{\"LocalPort\"");
	assert_non_null(strstr(told_part(&told, "JSON")->why_not, "cut off"));
	told_end(&told);

	told_of(&told, "{\"schema\":\"portroom.room/1\",\"LocalPort\":1}");
	assert_null(told_part(&told, "JSON"));
	told_end(&told);
}

TEST(a_huge_object_is_passed_over_and_costs_no_other)
{
	size_t size = (2 << 20) + 200;
	char *text = calloc(1, size);
	struct told told;

	strcpy(text, "[" ONE ",{\"LocalPort\":1,\"x\":\"");
	memset(text + strlen(text), 'a', 2 << 20);
	strcat(text, "\"}," ONE "]");
	told_of(&told, text);
	assert_int_equal(told_table(&told)->count, 2);
	assert_non_null(strstr(note_of(&told, "Get-NetTCPConnection"), "passed over"));
	told_end(&told);
	free(text);
}

TEST(utf16_is_read_with_and_without_a_mark)
{
	static const char *const texts[] = {
		NAMES DASHES LISTEN BOUND,
		"[" ONE "," ONE "]",
		"\"LocalAddress\",\"LocalPort\",\"State\"\r\n\"::\",\"445\",\"Listen\"\r\n"
		"\"::\",\"446\",\"Listen\"\r\n",
	};
	struct told told;

	for (size_t i = 0; i < 4 * sizeof texts / sizeof texts[0]; i++) {
		const char *text = texts[i / 4];
		const bool mark = i & 1, big = i & 2;
		size_t size = 2 * strlen(text) + 2 * mark;
		char *wide = calloc(1, size);

		if (mark)
			memcpy(wide, big ? "\xFE\xFF" : "\xFF\xFE", 2);
		for (size_t j = 0; text[j]; j++)
			wide[2 * (j + mark) + big] = text[j];
		told_begin(&told);
		told_file(&told, wide, size);
		assert_that(told.dossier.table_count == 1 && told.dossier.tables[0].count == 2,
			    "%zu", i);
		told_end(&told);
		free(wide);
	}
}

/* ---- groups ---- */

#define GROUP_HEAD                                                                            \
	"Count Name               ProcessName        Group\n"                                 \
	"----- ----               -----------        -----\n"

TEST(groups_are_counts_by_state_and_process)
{
	struct told told;

	told_of(&told, GROUP_HEAD
		" 2260 Bound, 10684                          {MSFT_NetTCPConnection (Inst...\n"
		"   31 Established, 5120  chrome             {MSFT_NetTCPConnection (Inst...\n"
		"   12 TimeWait, 0        Idle               {MSFT_NetTCPConnection...}\n"
		"    3 Listen                                {MSFT_NetTCPConnection...}\n");
	assert_int_equal(told_counted(&told, 10684, SOCKET_BOUND), 2260);
	assert_int_equal(told_counted(&told, 5120, SOCKET_ESTABLISHED), 31);
	assert_int_equal(told_counted(&told, -1, SOCKET_TIME_WAIT), 12);
	assert_int_equal(told_counted(&told, -1, SOCKET_LISTEN), 3);
	assert_string_equal(told_process(&told, 5120)->name, "chrome");
	assert_null(told_process(&told, 10684)->name);
	told_end(&told);

	told_of(&told, "Count       : 17\nName        : Bound, 4711\nProcessName : w3wp\n"
		       "Group       : {MSFT_NetTCPConnection (InstanceID = \"0.0.0.0??1\"),\n"
		       "              MSFT_NetTCPConnection (Instan...}\n\n");
	assert_int_equal(told_counted(&told, 4711, SOCKET_BOUND), 17);
	told_end(&told);
}

TEST(groups_by_pid_alone_need_a_command_that_says_the_state)
{
	struct told told;

	told_of(&told, "PS> Get-NetTCPConnection -State Bound | group OwningProcess\n"
		       "Count Name   Group\n----- ----   -----\n   40 4711   {MSFT_...}\n");
	assert_int_equal(told_counted(&told, 4711, SOCKET_BOUND), 40);
	told_end(&told);
	told_of(&told,
		"Count Name   Group\n----- ----   -----\n   40 4711   {MSFT_NetTCP...}\n");
	assert_int_equal(told.snapshot.evidence.counted_count, 0);
	assert_non_null(strstr(note_of(&told, "Group-Object"), "OwningProcess"));
	told_end(&told);
	told_of(&told, "PS> Get-NetUDPEndpoint | group OwningProcess -NoElement\n"
		       "Count Name\n----- ----\n 9000 2444\n");
	assert_int_equal(told_counted(&told, 2444, SOCKET_UNCONNECTED), 9000);
	told_end(&told);
	/* Groups of something else are no sockets. */
	told_of(&told, "Count Name   Group\n----- ----   -----\n   40 .txt   {a, b...}\n");
	assert_int_equal(told.snapshot.evidence.counted_count, 0);
	told_end(&told);
}

/* ---- processes, settings ---- */

TEST(processes_have_names_and_handles_in_every_form)
{
	static const char *const files[] = {
		"Handles  NPM(K)    PM(K)      WS(K)     CPU(s)     Id  SI ProcessName\n"
		"-------  ------    -----      -----     ------     --  -- -----------\n"
		"   4031      25    65432      70000               812   0 two words\n"
		"    120       5     1000       2000   1.234,50   4711   1 other\n",
		"Id Handles Name\n-- ------- ----\n812    4031 two words\n4711    120 other\n",
		"Id      : 812\nHandles : 4031\nCPU     : 3,4\nSI      : 1\nName    : two words\n"
		"\nId      : 4711\nHandles : 120\nCPU     :\nSI      : 1\nName    : other\n",
		"\"Name\",\"SI\",\"Handles\",\"Id\"\n\"two words\",\"0\",\"4031\",\"812\"\n"
		"\"other\",\"0\",\"120\",\"4711\"\n",
		"[{\"Name\":\"two words\",\"Id\":812,\"Handles\":4031,\"Modules\":[1,[2]]},"
		"{\"Name\":\"other\",\"Id\":4711,\"Handles\":120}]",
		"HandleCount  Name        ProcessId\n4031         two words   812\n"
		"120          other       4711\n",
		"Node,HandleCount,Name,ProcessId\nWEB01,4031,two words,812\nWEB01,120,other,4711\n",
		"HandleCount=4031\nName=two words\nProcessId=812\n\n\nHandleCount=120\nName=other\n"
		"ProcessId=4711\n",
	};
	struct told told;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		const struct process *first, *second;

		told_of(&told, files[i]);
		first = told_process(&told, 812);
		second = told_process(&told, 4711);
		assert_that(first && second, "%zu", i);
		assert_that(!strcmp(first->name, "two words"), "%zu: %s", i, first->name);
		assert_that(first->descriptors == 4031, "%zu", i);
		assert_that(!strcmp(second->name, "other"), "%zu: %s", i, second->name);
		assert_that(second->descriptors == 120, "%zu", i);
		told_end(&told);
	}
}

TEST(settings_of_tcp_tell_the_range_for_reuse)
{
	struct told told;

	told_of(&told, "SettingName                     : Internet\n"
		       "MinRto(ms)                      : 300\n"
		       "DynamicPortRangeStartPort       : 40000\n"
		       "DynamicPortRangeNumberOfPorts   : 1000\n"
		       "AutoReusePortRangeStartPort     : 20000\n"
		       "AutoReusePortRangeNumberOfPorts : 500\n");
	assert_true(told.snapshot.windows->auto_reuse_known);
	assert_int_equal(told.snapshot.windows->auto_reuse.first, 20000);
	assert_int_equal(told.snapshot.windows->auto_reuse.last, 20499);
	assert_int_equal(told.snapshot.windows->ranges[PROTOCOL_TCP][1].range.last, 40999);
	assert_int_equal(told.snapshot.windows->ranges[PROTOCOL_UDP][0].range.first, 0);
	told_end(&told);
	told_of(&told, "SettingName                     : Internet\n"
		       "AutoReusePortRangeStartPort     : 0\n"
		       "AutoReusePortRangeNumberOfPorts : 0\n");
	assert_true(told.snapshot.windows->auto_reuse_known);
	assert_int_equal(told.snapshot.windows->auto_reuse.first, 0);
	told_end(&told);
	told_of(&told, "SettingName                     : Automatic\n"
		       "AutoReusePortRangeStartPort     :\n"
		       "AutoReusePortRangeNumberOfPorts :\n");
	assert_null(told.snapshot.windows);
	told_end(&told);
}

TEST(the_registry_and_the_machine_may_come_from_powershell)
{
	struct told told;

	told_of(&told,
		"DataBasePath      : %SystemRoot%\\System32\\drivers\\etc\n"
		"Hostname          : WEB01\nTcpTimedWaitDelay : 30\n"
		"PSPath            : x\n\nCsName         : WEB02\nOsBuildNumber  : 17763\n");
	assert_int_equal(told.snapshot.windows->timed_wait_delay_s, 30);
	assert_int_equal(told.snapshot.windows->build, 17763);
	assert_string_equal(told.snapshot.host_name, "WEB01");
	told_end(&told);
}

SUITE(powershell,
      cmocka_unit_test(a_table_is_read_though_columns_are_empty_and_its_edge_is_ragged),
      cmocka_unit_test(a_connection_that_is_listed_twice_holds_its_port_once),
      cmocka_unit_test(a_table_may_lack_owners_or_have_its_blanks_squeezed_out),
      cmocka_unit_test(rows_are_known_without_the_line_of_names_and_are_an_excerpt_then),
      cmocka_unit_test(a_chosen_part_of_the_columns_is_enough),
      cmocka_unit_test(what_was_filtered_is_an_excerpt),
      cmocka_unit_test(a_table_that_was_cut_off_is_an_excerpt_and_that_is_told),
      cmocka_unit_test(udp_endpoints_are_told_from_connections),
      cmocka_unit_test(a_list_is_read_object_by_object),
      cmocka_unit_test(csv_is_read_by_its_names_whatever_stands_between_fields),
      cmocka_unit_test(csv_that_is_spoilt_or_cut_off_is_read_as_far_as_it_goes),
      cmocka_unit_test(json_may_be_a_list_one_object_or_a_list_that_was_wrapped),
      cmocka_unit_test(json_that_was_cut_off_or_is_spoilt_is_read_as_far_as_it_goes),
      cmocka_unit_test(a_huge_object_is_passed_over_and_costs_no_other),
      cmocka_unit_test(utf16_is_read_with_and_without_a_mark),
      cmocka_unit_test(groups_are_counts_by_state_and_process),
      cmocka_unit_test(groups_by_pid_alone_need_a_command_that_says_the_state),
      cmocka_unit_test(processes_have_names_and_handles_in_every_form),
      cmocka_unit_test(settings_of_tcp_tell_the_range_for_reuse),
      cmocka_unit_test(the_registry_and_the_machine_may_come_from_powershell));
