#include "action/windows/ending_route.h"
#include "suite.h"

#include <string.h>
#include <wchar.h>

/* One process, as these tests have it, its windows and services; and what the system says of it. */
enum { PID = 812, OTHER = 900 };

static const uint64_t born = UINT64_C(133000000000000000);

static struct {
	bool exists, runs, critical;
	DWORD open_fails;
	uint64_t created;
	const WCHAR *image;
	bool ends_when_asked, ends_when_killed;
	DWORD kill_fails;

	unsigned windows; /* of it; there is one of another process besides */
	bool windows_denied;
	const WCHAR *services[4]; /* of it; there is one of another process besides */
	bool manager_denied, service_denied, unstoppable;
	unsigned splits; /* the list comes in so many parts */

	unsigned opens, handles, closed_windows, other_windows, stopped, kills;
	bool asked_for_terminate;
} machine;

static HANDLE WINAPI open_it(DWORD access, BOOL inherited, DWORD pid)
{
	(void)inherited;
	machine.opens++;
	if (machine.open_fails) {
		SetLastError(machine.open_fails);
		return NULL;
	}
	if (!machine.exists || pid != PID) {
		SetLastError(ERROR_INVALID_PARAMETER);
		return NULL;
	}
	machine.asked_for_terminate |= (access & PROCESS_TERMINATE) != 0;
	machine.handles++;
	return (HANDLE)(UINT_PTR)0x1000;
}

static BOOL WINAPI times(HANDLE process, FILETIME *created, FILETIME *ended, FILETIME *kernel,
			 FILETIME *user)
{
	(void)process;
	memset(ended, 0, sizeof *ended);
	*kernel = *user = *ended;
	created->dwLowDateTime = (DWORD)machine.created;
	created->dwHighDateTime = (DWORD)(machine.created >> 32);
	return machine.created != 0;
}

static BOOL WINAPI image(HANDLE process, DWORD flags, WCHAR *path, DWORD *length)
{
	(void)process;
	(void)flags;
	assert_true(*length > wcslen(machine.image));
	wcscpy(path, machine.image);
	*length = (DWORD)wcslen(path);
	return TRUE;
}

static DWORD WINAPI wait_for(HANDLE process, DWORD milliseconds)
{
	(void)process;
	(void)milliseconds;
	return machine.runs ? WAIT_TIMEOUT : WAIT_OBJECT_0;
}

static BOOL WINAPI terminate(HANDLE process, UINT status)
{
	(void)process;
	assert_int_not_equal(status, STILL_ACTIVE);
	machine.kills++;
	if (machine.kill_fails) {
		SetLastError(machine.kill_fails);
		return FALSE;
	}
	machine.runs = machine.runs && !machine.ends_when_killed;
	return TRUE;
}

static BOOL WINAPI close_it(HANDLE process)
{
	(void)process;
	machine.handles--;
	return TRUE;
}

static NTSTATUS WINAPI query(HANDLE process, ULONG about, void *bytes, ULONG size,
			     ULONG *needed)
{
	(void)process;
	(void)needed;
	assert_int_equal(about, 29);
	assert_int_equal(size, sizeof(ULONG));
	*(ULONG *)bytes = machine.critical;
	return 0;
}

static BOOL WINAPI each_window(WNDENUMPROC take, LPARAM context)
{
	take((HWND)(UINT_PTR)OTHER, context);
	for (unsigned i = 0; i < machine.windows; i++)
		if (!take((HWND)(UINT_PTR)PID, context))
			return FALSE;
	return TRUE;
}

static DWORD WINAPI window_process(HWND window, DWORD *pid)
{
	*pid = (DWORD)(UINT_PTR)window;
	return 1;
}

static BOOL WINAPI post(HWND window, UINT message, WPARAM word, LPARAM number)
{
	(void)word;
	(void)number;
	assert_int_equal(message, WM_CLOSE);
	machine.other_windows += (UINT_PTR)window != PID;
	if (machine.windows_denied) {
		SetLastError(ERROR_ACCESS_DENIED);
		return FALSE;
	}
	machine.closed_windows++;
	machine.runs = machine.runs && !machine.ends_when_asked;
	return TRUE;
}

static SC_HANDLE WINAPI open_manager(LPCWSTR name, LPCWSTR database, DWORD access)
{
	(void)name;
	(void)database;
	(void)access;
	if (machine.manager_denied) {
		SetLastError(ERROR_ACCESS_DENIED);
		return NULL;
	}
	machine.handles++;
	return (SC_HANDLE)(UINT_PTR)0x2000;
}

static BOOL WINAPI each_service(SC_HANDLE manager, SC_ENUM_TYPE level, DWORD type, DWORD state,
				BYTE *bytes, DWORD size, DWORD *needed, DWORD *count,
				DWORD *resume, LPCWSTR group)
{
	static WCHAR other[] = L"Spooler";
	ENUM_SERVICE_STATUS_PROCESSW *told = (ENUM_SERVICE_STATUS_PROCESSW *)bytes;

	(void)manager;
	(void)type;
	(void)group;
	assert_int_equal(level, SC_ENUM_PROCESS_INFO);
	assert_int_equal(state, SERVICE_ACTIVE);
	assert_true(size >= 5 * sizeof *told);
	*needed = 0;
	*count = 0;
	if (!*resume) {
		told[*count].lpServiceName = other;
		told[(*count)++].ServiceStatusProcess.dwProcessId = OTHER;
	}
	while (*resume < 4 && machine.services[*resume]) {
		told[*count].lpServiceName = (WCHAR *)machine.services[*resume];
		told[(*count)++].ServiceStatusProcess.dwProcessId = PID;
		++*resume;
		if (machine.splits) {
			SetLastError(ERROR_MORE_DATA);
			return FALSE;
		}
	}
	*resume = 0;
	return TRUE;
}

static SC_HANDLE WINAPI open_service(SC_HANDLE manager, LPCWSTR name, DWORD access)
{
	(void)manager;
	assert_true(wcscmp(name, L"Spooler") != 0);
	assert_int_equal(access, SERVICE_STOP);
	if (machine.service_denied) {
		SetLastError(ERROR_ACCESS_DENIED);
		return NULL;
	}
	machine.handles++;
	return (SC_HANDLE)(UINT_PTR)0x3000;
}

static BOOL WINAPI control(SC_HANDLE service, DWORD what, SERVICE_STATUS *status)
{
	(void)service;
	(void)status;
	assert_int_equal(what, SERVICE_CONTROL_STOP);
	if (machine.unstoppable) {
		SetLastError(ERROR_INVALID_SERVICE_CONTROL);
		return FALSE;
	}
	machine.stopped++;
	machine.runs = machine.runs && !machine.ends_when_asked;
	return TRUE;
}

static BOOL WINAPI close_service(SC_HANDLE handle)
{
	(void)handle;
	machine.handles--;
	return TRUE;
}

static const struct ending_route route = {
	open_it,      times,	    image,	  wait_for,	  terminate,
	close_it,     query,	    each_window,  window_process, post,
	open_manager, each_service, open_service, control,	  close_service,
};

static void make(void)
{
	memset(&machine, 0, sizeof machine);
	machine.exists = machine.runs = machine.ends_when_killed = true;
	machine.created = born;
	machine.image = L"C:\\Program Files\\Billing\\billing.exe";
}

static enum close_ending end(bool force)
{
	enum close_ending ending = ending_process(&route, PID, born, 50, force);

	assert_int_equal(machine.handles, 0);
	assert_int_equal(machine.other_windows, 0);
	return ending;
}

TEST(a_window_is_asked_to_close_and_nothing_is_killed)
{
	make();
	machine.windows = 2;
	machine.ends_when_asked = true;
	assert_int_equal(end(false), ENDING_DONE);
	assert_int_equal(machine.closed_windows, 2);
	assert_int_equal(machine.kills, 0);
	assert_false(machine.asked_for_terminate);
}

TEST(one_that_does_not_end_is_killed_with_force_only)
{
	make();
	machine.windows = 1;
	assert_int_equal(end(false), ENDING_STILL_RUNS);
	assert_int_equal(machine.kills, 0);
	assert_int_equal(end(true), ENDING_DONE);
	assert_int_equal(machine.kills, 1);
}

TEST(one_that_even_force_does_not_end_still_runs)
{
	make();
	machine.ends_when_killed = false;
	assert_int_equal(end(true), ENDING_STILL_RUNS);
}

TEST(what_has_nothing_to_be_asked_by_is_left_without_force)
{
	make();
	assert_int_equal(end(false), ENDING_CANNOT_ASK);
	assert_int_equal(machine.kills, 0);
	assert_int_equal(end(true), ENDING_DONE);
}

TEST(a_service_is_stopped_by_the_service_manager)
{
	make();
	machine.services[0] = L"Billing";
	machine.windows = 1; /* not asked then */
	machine.ends_when_asked = true;
	assert_int_equal(end(false), ENDING_DONE);
	assert_int_equal(machine.stopped, 1);
	assert_int_equal(machine.closed_windows, 0);
}

TEST(several_services_in_one_process_end_with_force_only)
{
	make();
	machine.services[0] = L"Dnscache";
	machine.services[1] = L"NlaSvc";
	machine.ends_when_asked = true;
	assert_int_equal(end(false), ENDING_MANY_SERVICES);
	assert_int_equal(machine.stopped + machine.kills, 0);
	assert_int_equal(end(true), ENDING_DONE);
	assert_int_equal(machine.stopped, 2);
}

TEST(a_list_of_services_that_comes_in_parts_is_read_to_its_end)
{
	make();
	machine.services[0] = L"Dnscache";
	machine.services[1] = L"NlaSvc";
	machine.splits = 1;
	assert_int_equal(end(false), ENDING_MANY_SERVICES);
}

TEST(a_service_that_may_not_be_stopped_is_said_to_be_so)
{
	make();
	machine.services[0] = L"Billing";
	machine.service_denied = true;
	assert_int_equal(end(false), ENDING_NOT_PERMITTED);
	assert_int_equal(machine.kills, 0);
}

TEST(a_service_that_takes_no_stop_cannot_be_asked)
{
	make();
	machine.services[0] = L"Billing";
	machine.unstoppable = true;
	assert_int_equal(end(false), ENDING_CANNOT_ASK);
}

TEST(without_the_service_manager_windows_are_asked)
{
	make();
	machine.manager_denied = true;
	machine.windows = 1;
	machine.ends_when_asked = true;
	assert_int_equal(end(false), ENDING_DONE);
}

TEST(windows_of_a_process_with_more_rights_are_not_reached)
{
	make();
	machine.windows = 1;
	machine.windows_denied = true;
	assert_int_equal(end(false), ENDING_NOT_PERMITTED);
}

TEST(another_process_that_has_the_number_by_now_is_left_alone)
{
	make();
	machine.windows = 1;
	machine.created = born + 1;
	assert_int_equal(end(true), ENDING_GONE);
	assert_int_equal(machine.closed_windows + machine.kills, 0);
}

TEST(one_whose_beginning_is_not_known_is_left_alone)
{
	make();
	machine.created = 0;
	assert_int_equal(end(true), ENDING_FAILED);
	make();
	assert_int_equal(ending_process(&route, PID, 0, 50, true), ENDING_FAILED);
	assert_int_equal(machine.kills, 0);
}

TEST(one_that_has_ended_is_gone)
{
	make();
	machine.runs = false; /* somebody has a handle of it still */
	assert_int_equal(end(true), ENDING_GONE);
	assert_int_equal(machine.kills, 0);
	make();
	machine.exists = false;
	assert_int_equal(end(true), ENDING_GONE);
}

TEST(one_that_may_not_be_opened_is_not_permitted)
{
	make();
	machine.open_fails = ERROR_ACCESS_DENIED;
	assert_int_equal(end(true), ENDING_NOT_PERMITTED);
	machine.open_fails = ERROR_NOT_ENOUGH_MEMORY;
	assert_int_equal(end(true), ENDING_FAILED);
}

TEST(a_kill_that_is_denied_is_told)
{
	make();
	machine.kill_fails = ERROR_ACCESS_DENIED;
	assert_int_equal(end(true), ENDING_NOT_PERMITTED);
}

TEST(what_windows_cannot_do_without_is_spared)
{
	static const int32_t numbers[] = { -1, 0, 4 };
	WCHAR path[MAX_PATH + 32];

	make();
	machine.opens = 0;
	for (size_t i = 0; i < 3; i++)
		assert_true(ending_spares(&route, numbers[i]));
	assert_true(ending_spares(&route, (int32_t)GetCurrentProcessId()));
	assert_int_equal(machine.opens, 0);
	assert_false(ending_spares(&route, PID));
	machine.critical = true;
	assert_true(ending_spares(&route, PID));
	assert_int_equal(end(true), ENDING_NOT_PERMITTED);
	assert_int_equal(machine.kills, 0);

	make();
	GetSystemDirectoryW(path, MAX_PATH);
	wcscat(path, L"\\LSASS.EXE");
	machine.image = path;
	assert_true(ending_spares(&route, PID));
	assert_int_equal(end(true), ENDING_NOT_PERMITTED);
}

TEST(a_program_elsewhere_that_is_called_so_is_not_spared)
{
	WCHAR path[MAX_PATH + 32];

	make();
	machine.image = L"C:\\Games\\lsass.exe";
	assert_false(ending_spares(&route, PID));
	GetSystemDirectoryW(path, MAX_PATH);
	wcscat(path, L"\\svchost.exe");
	machine.image = path;
	assert_false(ending_spares(&route, PID));
}

TEST(a_host_of_services_is_spared_if_windows_restarts_without_one_of_them)
{
	WCHAR path[MAX_PATH + 32];

	make();
	GetSystemDirectoryW(path, MAX_PATH);
	wcscat(path, L"\\svchost.exe");
	machine.image = path;
	machine.services[0] = L"Dnscache";
	assert_false(ending_spares(&route, PID));
	machine.services[1] = L"RpcSs";
	assert_true(ending_spares(&route, PID));
	assert_int_equal(end(true), ENDING_NOT_PERMITTED);
	assert_int_equal(machine.stopped + machine.kills, 0);
	machine.services[1] = NULL;
	machine.manager_denied = true; /* so it may be one */
	assert_true(ending_spares(&route, PID));
}

TEST(without_user32_and_ntdll_it_still_works)
{
	struct ending_route bare = route;

	make();
	bare.query = NULL;
	bare.each_window = NULL;
	machine.windows = 1;
	assert_int_equal(ending_process(&bare, PID, born, 50, false), ENDING_CANNOT_ASK);
	assert_int_equal(ending_process(&bare, PID, born, 50, true), ENDING_DONE);
}

SUITE(windows_close_process,
      cmocka_unit_test(a_window_is_asked_to_close_and_nothing_is_killed),
      cmocka_unit_test(one_that_does_not_end_is_killed_with_force_only),
      cmocka_unit_test(one_that_even_force_does_not_end_still_runs),
      cmocka_unit_test(what_has_nothing_to_be_asked_by_is_left_without_force),
      cmocka_unit_test(a_service_is_stopped_by_the_service_manager),
      cmocka_unit_test(several_services_in_one_process_end_with_force_only),
      cmocka_unit_test(a_list_of_services_that_comes_in_parts_is_read_to_its_end),
      cmocka_unit_test(a_service_that_may_not_be_stopped_is_said_to_be_so),
      cmocka_unit_test(a_service_that_takes_no_stop_cannot_be_asked),
      cmocka_unit_test(without_the_service_manager_windows_are_asked),
      cmocka_unit_test(windows_of_a_process_with_more_rights_are_not_reached),
      cmocka_unit_test(another_process_that_has_the_number_by_now_is_left_alone),
      cmocka_unit_test(one_whose_beginning_is_not_known_is_left_alone),
      cmocka_unit_test(one_that_has_ended_is_gone),
      cmocka_unit_test(one_that_may_not_be_opened_is_not_permitted),
      cmocka_unit_test(a_kill_that_is_denied_is_told),
      cmocka_unit_test(what_windows_cannot_do_without_is_spared),
      cmocka_unit_test(a_program_elsewhere_that_is_called_so_is_not_spared),
      cmocka_unit_test(a_host_of_services_is_spared_if_windows_restarts_without_one_of_them),
      cmocka_unit_test(without_user32_and_ntdll_it_still_works));
