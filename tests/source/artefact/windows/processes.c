#include "told.h"

#include <string.h>

#define HEAD                                                                                  \
	"\nImage Name                     PID Session Name        Session#    Mem Usage\n"    \
	"========================= ======== ================ =========== ============\n"
#define HEAD_SERVICES                                                                         \
	"\nImage Name                     PID Services\n"                                     \
	"========================= ======== ============================================\n"

static const char *name_of(const struct told *told, int32_t pid)
{
	const struct process *process = told_process(told, pid);

	return process && process->name ? process->name : "none";
}

static const char *services_of(const struct told *told, int32_t pid)
{
	const struct process *process = told_process(told, pid);

	return process && process->unit ? process->unit : "none";
}

TEST(tasklist_names_processes_whatever_its_head_says)
{
	struct told told;

	told_of(&told, HEAD
		"System Idle Process              0 Services                   0          8 K\n"
		"System                           4 Services                   0      1,234 K\n"
		"a name with 7 blanks.exe       812 Services                   0      4,240 K\n"
		"averyveryverylongnameofapr   49152 Console                    1    104,240 K\n");
	assert_string_equal(name_of(&told, 4), "System");
	assert_string_equal(name_of(&told, 812), "a name with 7 blanks.exe");
	assert_string_equal(name_of(&told, 49152), "averyveryverylongnameofapr");
	assert_null(told_process(&told, 0));
	assert_int_equal(told_part(&told, "tasklist")->records, 4);
	told_end(&told);

	/* German, in cp850: a point groups the digits. */
	told_of(&told,
		"\r\nAbbildname                     PID Sitzungsname       Sitz.-Nr. Speichernutzung\r\n"
		"========================= ======== ================ =========== ===============\r\n"
		"svchost.exe                    812 Services                   0         4.240 K\r\n"
		"M\x81ll.exe                      900 Console                    1         1.000 K\r\n");
	assert_string_equal(name_of(&told, 812), "svchost.exe");
	assert_non_null(told_process(&told, 900));
	told_end(&told);
	/* A line of signs with other widths is of something else. */
	told_of(&told, "====== ======== =====\nsvchost.exe 812 Services\n");
	assert_null(told_part(&told, "tasklist"));
	told_end(&told);
}

TEST(tasklist_tells_the_services_of_a_process)
{
	struct told told;

	told_of(&told, HEAD_SERVICES
		"System Idle Process              0 Nicht verf\x81gbar\n"
		"System                           4 Nicht verf\x81gbar\n"
		"svchost.exe                    820 BrokerInfrastructure, DcomLaunch, PlugPlay, \n"
		"                                   Power, SystemEventsBroker\n"
		"chrome.exe                    5120 Nicht verf\x81gbar\n"
		"lsass.exe                      700 KeyIso, SamSs\n");
	assert_string_equal(
		services_of(&told, 820),
		"BrokerInfrastructure, DcomLaunch, PlugPlay, Power, SystemEventsBroker");
	assert_string_equal(services_of(&told, 700), "KeyIso, SamSs");
	assert_string_equal(services_of(&told, 5120), "none");
	assert_string_equal(services_of(&told, 4), "none");
	told_end(&told);
	/* The word is learnt: "none" could be a service. */
	told_of(&told, HEAD_SERVICES "System                           4 none\n"
				     "chrome.exe                    5120 none\n"
				     "svchost.exe                    820 Dnscache\n");
	assert_string_equal(services_of(&told, 5120), "none");
	assert_string_equal(services_of(&told, 820), "Dnscache");
	told_end(&told);
	/* tasklist /m looks alike. */
	told_of(&told,
		HEAD_SERVICES "chrome.exe                    5120 ntdll.dll, KERNEL32.DLL\n");
	assert_string_equal(services_of(&told, 5120), "none");
	told_end(&told);
}

TEST(tasklist_is_read_as_csv_and_as_a_list)
{
	static const char *const files[] = {
		"\"Nombre de imagen\",\"PID\",\"Nombre de sesi\xa2n\",\"N\xa3m. de ses\",\"Uso\"\r\n"
		"\"System Idle Process\",\"0\",\"Services\",\"0\",\"8 KB\"\r\n"
		"\"a, b.exe\",\"812\",\"Services\",\"0\",\"4.240 KB\"\r\n",
		"\"a, b.exe\",\"812\",\"Services\",\"0\",\"4,240 K\"\n",
		"\"Image Name\",\"PID\",\"Services\"\n\"System\",\"4\",\"N/A\"\n"
		"\"a, b.exe\",\"812\",\"N/A\"\n",
		"\nImage Name:   System\nPID:          4\nSession Name: Services\nSession#:     0\n"
		"Mem Usage:    8 K\n\nImage Name:   a, b.exe\nPID:          812\n"
		"Session Name: Services\nSession#:     0\nMem Usage:    8 K\n",
		"\r\n\xd3\xb3\xcf\xf1:   a, b.exe\r\nPID:          812\r\n",
	};
	struct told told;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		told_of(&told, files[i]);
		assert_that(!strcmp(name_of(&told, 812), "a, b.exe"), "%zu: %s", i,
			    name_of(&told, 812));
		assert_string_equal(services_of(&told, 812), "none");
		told_end(&told);
	}
	told_of(&told, "Image Name:   svchost.exe\nPID:          820\n"
		       "Services:     DcomLaunch, PlugPlay,\n              Power\n\n"
		       "Image Name:   other.exe\nPID:          90");
	assert_string_equal(services_of(&told, 820), "DcomLaunch, PlugPlay, Power");
	assert_string_equal(name_of(&told, 90), "other.exe");
	told_end(&told);
	told_of(&told, "\"one\",\"2\",\"three\",\"4\",\"five\"\n");
	assert_null(told_part(&told, "tasklist"));
	told_end(&told);
}

TEST(a_name_with_its_ending_is_better_than_one_without)
{
	static const char tasklist[] = HEAD
		"w3wp.exe                      4711 Services                   0  4,240 K\n";
	static const char process[] = "Id Handles Name\n-- ------- ----\n4711    10 w3wp\n";
	struct told told;

	told_of(&told, process);
	told_file(&told, tasklist, strlen(tasklist));
	assert_string_equal(name_of(&told, 4711), "w3wp.exe");
	assert_int_equal(told_process(&told, 4711)->descriptors, 10);
	told_end(&told);
	told_of(&told, tasklist);
	told_file(&told, process, strlen(process));
	assert_string_equal(name_of(&told, 4711), "w3wp.exe");
	told_end(&told);
}

#define LINE "------------------------------------------------------------------------------\n"

TEST(handle_exe_counts_handles_and_sockets)
{
	struct told told;

	told_of(&told,
		"\nNthandle v5.0 - Handle viewer\nCopyright (C)\n\n" LINE
		"System pid: 4 \\<unable to open process>\n   8C: File  (---)   C:\\pagefile.sys\n" LINE
		"w3wp.exe pid: 4711 IIS APPPOOL\\DefaultAppPool\n"
		"    4: Key           HKLM\\SYSTEM\n  1F4: File  (RW-)   \\Device\\Afd\n"
		"  1F8: File  (RWD)   \\Device\\Afd\n  200: File  (R-D)   C:\\Windows\n");
	assert_int_equal(told_process(&told, 4711)->descriptors, 4);
	assert_int_equal(told_process(&told, 4711)->socket_descriptors, 2);
	assert_string_equal(name_of(&told, 4711), "w3wp.exe");
	/* What could not be opened has more handles than are listed. */
	assert_int_equal(told_process(&told, 4)->descriptors, -1);
	assert_int_equal(told_process(&told, 4)->socket_descriptors, -1);
	assert_string_equal(name_of(&told, 4), "System");
	told_end(&told);
	/* Files only: there are more than that. */
	told_of(&told,
		LINE "w3wp.exe pid: 4711 IIS\\pool\n"
		     "  1F4: File  (RW-)   \\Device\\Afd\n  1F8: File  (---)   C:\\Windows\n");
	assert_int_equal(told_process(&told, 4711)->descriptors, -1);
	assert_int_equal(told_process(&told, 4711)->socket_descriptors, 1);
	told_end(&told);
	/* A sentence with a pid is no head. */
	told_of(&told, "worker pid: 4711 has started\n  1F4: File  (RW-)   \\Device\\Afd\n");
	assert_null(told_part(&told, "handle"));
	told_end(&told);
}

TEST(handle_exe_finds_sockets_and_sums_up)
{
	struct told told;

	told_of(&told,
		"svchost.exe        pid: 820    type: File           1A8: \\Device\\Afd\n"
		"svchost.exe        pid: 820    type: File           1AC: \\Device\\Afd\n"
		"w3wp.exe           pid: 4711   type: File            2C: \\Device\\Afd\n"
		"w3wp.exe           pid: 4711   type: Key             30: HKLM\\Afd\n");
	assert_int_equal(told_process(&told, 820)->socket_descriptors, 2);
	assert_int_equal(told_process(&told, 4711)->socket_descriptors, 1);
	assert_int_equal(told_process(&told, 4711)->descriptors, -1);
	told_end(&told);
	told_of(&told,
		"C:\\>handle -s -p 4711\n\nHandle type summary:\n"
		"  ALPC Port       : 12\n  File            : 6000\nTotal handles: 7123\n");
	assert_int_equal(told_process(&told, 4711)->descriptors, 7123);
	told_end(&told);
	told_of(&told,
		"Handle type summary:\n  File            : 6000\nTotal handles: 7123\n");
	assert_int_equal(told.snapshot.process_count, 0);
	assert_non_null(strstr(told_part(&told, "handle")->partial, "whose"));
	told_end(&told);
}

TEST(process_explorer_tells_processes_and_its_lower_pane_handles)
{
	struct told told;

	told_of(&told, "Process\tCPU\tPrivate Bytes\tPID\tHandles\tUser Name\r\n"
		       "System Idle Process\t97.04\t60 K\t0\t\t\r\n"
		       " Interrupts\t0.2\t0 K\t\t\t\r\n"
		       "  w3wp.exe\t0.12\t91,204 K\t4711\t6,020\tIIS\\pool\r\n\r\n"
		       "Process: w3wp.exe Pid: 4711\r\n\r\nType\tName\r\n"
		       "File\t\\Device\\Afd\r\nFile\tC:\\Windows\r\nKey\tHKLM\\x\r\n");
	assert_string_equal(name_of(&told, 4711), "w3wp.exe");
	assert_int_equal(told_process(&told, 4711)->descriptors, 6020);
	assert_int_equal(told_process(&told, 4711)->socket_descriptors, 1);
	assert_string_equal(told_process(&told, 4711)->user_name, "IIS\\pool");
	told_end(&told);
	told_of(&told, "Process\tPID\nw3wp.exe\tmany\n");
	assert_null(told_process(&told, 4711));
	told_end(&told);
}

/* ---- the machine and its settings ---- */

#define PARAMETERS "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters"

TEST(the_registry_tells_how_long_a_port_waits)
{
	struct told told;

	told_of(&told,
		"\r\n" PARAMETERS "\r\n    DataBasePath    REG_EXPAND_SZ    %SystemRoot%\r\n"
		"    Hostname    REG_SZ    WEB01\r\n"
		"    TcpTimedWaitDelay    REG_DWORD    0x1e\r\n"
		"    MaxUserPort    REG_DWORD    0xfffe\r\n\r\n" PARAMETERS "\\Interfaces\r\n"
		"    TcpTimedWaitDelay    REG_DWORD    0x5\r\n");
	assert_int_equal(told.snapshot.windows->timed_wait_delay_s, 30);
	assert_int_equal(told.snapshot.windows->max_user_port, 65534);
	assert_string_equal(told.snapshot.host_name, "WEB01");
	told_end(&told);
	told_of(&told, "Windows Registry Editor Version 5.00\n\n[" PARAMETERS "]\n"
		       "\"Hostname\"=\"WEB01\"\n\"TcpTimedWaitDelay\"=dword:0000003c\n");
	assert_int_equal(told.snapshot.windows->timed_wait_delay_s, 60);
	told_end(&told);
	told_of(&told, PARAMETERS "\n    TcpTimedWaitDelay    REG_DWORD    0xffffffff\n"
				  "    MaxUserPort    REG_DWORD    0x1fffffffff\n");
	assert_null(told.snapshot.windows);
	assert_non_null(strstr(told_part(&told, "Tcpip\\Parameters")->partial, "4294967295"));
	told_end(&told);
	told_of(&told, PARAMETERS "\n    DataBasePath    REG_EXPAND_SZ    x\n");
	assert_non_null(told_part(&told, "Tcpip\\Parameters")->why_not);
	told_end(&told);
}

TEST(systeminfo_ver_and_hostname_tell_the_machine)
{
	struct told told;

	told_of(&told, "\nHost Name:                 WEB01\n"
		       "OS Name:                   Microsoft Windows Server 2019 Standard\n"
		       "OS Version:                10.0.17763 N/A Build 17763\n"
		       "OS Manufacturer:           Microsoft Corporation\n");
	assert_int_equal(told.snapshot.windows->build, 17763);
	assert_string_equal(told.snapshot.host_name, "WEB01");
	told_end(&told);
	/* Chinese, cp936. */
	told_of(&told,
		"\xd6\xf7\xbb\xfa\xc3\xfb:           WEB02\nOS \xc3\xfb\xb3\xc6:          "
		"Microsoft Windows 10\nOS \xb0\xe6\xb1\xbe:          10.0.19045 "
		"\xd4\xdd\xc8\xb1 Build 19045\n");
	assert_int_equal(told.snapshot.windows->build, 19045);
	assert_string_equal(told.snapshot.host_name, "WEB02");
	told_end(&told);
	told_of(&told, "Microsoft Windows [Versi\xa2n 10.0.20348.1]\n\nC:\\Users\\a>hostname\n"
		       "WEB03\n");
	assert_int_equal(told.snapshot.windows->build, 20348);
	assert_string_equal(told.snapshot.host_name, "WEB03");
	told_end(&told);
	told_of(&told, "$ hostname\nlinuxbox\nOS Version: 10.0.1 x 2\n");
	assert_null(told.snapshot.host_name);
	told_end(&told);
}

TEST(before_vista_other_ports_were_given_out)
{
	static const char registry[] = PARAMETERS "\n    MaxUserPort    REG_DWORD    0xea60\n";
	struct told told;

	told_of(&told, "Microsoft Windows XP [Version 5.1.2600]\n");
	dossier_join(&told.dossier);
	assert_int_equal(told.snapshot.windows->ranges[0][0].range.first, 1025);
	assert_int_equal(told.snapshot.windows->ranges[0][0].range.last, 5000);
	told_end(&told);
	told_of(&told, "Microsoft Windows XP [Version 5.1.2600]\n");
	told_file(&told, registry, strlen(registry));
	dossier_join(&told.dossier);
	assert_int_equal(told.snapshot.windows->ranges[1][0].range.last, 60000);
	assert_true(told.snapshot.windows->ranges[1][0].assumed);
	told_end(&told);
	told_of(&told, registry);
	dossier_join(&told.dossier);
	assert_int_equal(told.snapshot.windows->ranges[0][0].range.first, 49152);
	told_end(&told);
}

SUITE(windows_processes, cmocka_unit_test(tasklist_names_processes_whatever_its_head_says),
      cmocka_unit_test(tasklist_tells_the_services_of_a_process),
      cmocka_unit_test(tasklist_is_read_as_csv_and_as_a_list),
      cmocka_unit_test(a_name_with_its_ending_is_better_than_one_without),
      cmocka_unit_test(handle_exe_counts_handles_and_sockets),
      cmocka_unit_test(handle_exe_finds_sockets_and_sums_up),
      cmocka_unit_test(process_explorer_tells_processes_and_its_lower_pane_handles),
      cmocka_unit_test(the_registry_tells_how_long_a_port_waits),
      cmocka_unit_test(systeminfo_ver_and_hostname_tell_the_machine),
      cmocka_unit_test(before_vista_other_ports_were_given_out));
