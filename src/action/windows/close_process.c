#include "action/close.h"

#include "base/filetime.h"
#include "action/windows/ending_route.h"
#include "system/windows/library.h"

#include <wchar.h>

/*
 * An open handle means this process for ever, whoever has its number later; the time it was made, which is read by it, says
 * whether it is the one that was looked at. A program without a window, and that is no service, has nothing to be asked by: an
 * event of its console would go to all that share it, the shell included (learn.microsoft.com, GenerateConsoleCtrlEvent).
 */

/* After TerminateProcess(): a process ends when its last call to a driver is over. */
enum { KILL_WAIT_MS = 2000, KILLED = 1 };

/* Of 0, that the system is idle; of 4, the system itself. */
enum { LAST_OF_SYSTEM = 4 };

/* PROCESSINFOCLASS (learn.microsoft.com, NtQueryInformationProcess): with such a process Windows ends, too. */
enum { BREAK_ON_TERMINATION = 29 };

void ending_find(struct ending_route *route)
{
	*route = (struct ending_route){
		.open = OpenProcess,
		.times = GetProcessTimes,
		.image = QueryFullProcessImageNameW,
		.wait = WaitForSingleObject,
		.terminate = TerminateProcess,
		.close = CloseHandle,
		.open_manager = OpenSCManagerW,
		.each_service = EnumServicesStatusExW,
		.open_service = OpenServiceW,
		.control = ControlService,
		.close_service = CloseServiceHandle,
	};
	(void)library_find(route->query, "ntdll.dll", "NtQueryInformationProcess");
	(void)library_find(route->each_window, "user32.dll", "EnumWindows");
	(void)library_find(route->window_process, "user32.dll", "GetWindowThreadProcessId");
	(void)library_find(route->post, "user32.dll", "PostMessageW");
}

/* ---- which are never touched ---- */

/* The name of a program of Windows itself; NULL: it is none. */
static const WCHAR *name_in_system(const WCHAR *path)
{
	WCHAR folder[MAX_PATH];
	UINT length = GetSystemDirectoryW(folder, MAX_PATH);

	if (!length || length >= MAX_PATH || _wcsnicmp(path, folder, length) != 0 ||
	    path[length] != L'\\')
		return NULL;
	return path + length + 1;
}

/* Without one of these Windows stops, or nobody can log on any more. */
static bool is_of_system(const WCHAR *name)
{
	static const WCHAR *const names[] = { L"csrss.exe",    L"lsaiso.exe", L"lsass.exe",
					      L"services.exe", L"smss.exe",   L"wininit.exe",
					      L"winlogon.exe" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!_wcsicmp(name, names[i]))
			return true;
	return false;
}

static bool is_needed(const struct ending_route *route, HANDLE process, DWORD pid)
{
	WCHAR path[MAX_PATH + 64];
	DWORD length = sizeof path / sizeof path[0];
	const WCHAR *name;
	ULONG critical = 0;

	if (route->query &&
	    !route->query(process, BREAK_ON_TERMINATION, &critical, sizeof critical, NULL) &&
	    critical)
		return true;
	name = route->image(process, 0, path, &length) ? name_in_system(path) : NULL;
	return name && (is_of_system(name) || (!_wcsicmp(name, L"svchost.exe") &&
					       ending_serves_windows(route, pid)));
}

bool ending_spares(const struct ending_route *route, int32_t pid)
{
	HANDLE process;
	bool needed;

	if (pid <= LAST_OF_SYSTEM || pid == (int32_t)GetCurrentProcessId())
		return true;
	process = route->open(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)pid);
	if (!process)
		return false; /* then it may not be ended either */
	needed = is_needed(route, process, (DWORD)pid);
	route->close(process);
	return needed;
}

bool close_spares(int32_t pid)
{
	struct ending_route route;

	ending_find(&route);
	return ending_spares(&route, pid);
}

/* ---- ending ---- */

static enum close_ending ending_of(DWORD failed)
{
	return failed == ERROR_INVALID_PARAMETER ?
		       ENDING_GONE : /* no process has the number */
		       failed == ERROR_ACCESS_DENIED ? ENDING_NOT_PERMITTED :
						       ENDING_FAILED;
}

static bool ends_within(const struct ending_route *route, HANDLE process,
			unsigned milliseconds)
{
	return route->wait(process, milliseconds) == WAIT_OBJECT_0;
}

/* ENDING_DONE: it is the one that was looked at. Without the time that it was made nobody can say, and nothing is done. */
static enum close_ending identify(const struct ending_route *route, HANDLE process,
				  uint64_t start_ticks)
{
	FILETIME created, ended, kernel, user;

	if (!start_ticks || !route->times(process, &created, &ended, &kernel, &user))
		return ENDING_FAILED;
	return filetime_join(created.dwHighDateTime, created.dwLowDateTime) == start_ticks &&
			       !ends_within(route, process, 0) ?
		       ENDING_DONE :
		       ENDING_GONE;
}

static enum close_ending kill(const struct ending_route *route, HANDLE process)
{
	if (!route->terminate(process, KILLED)) {
		DWORD failed = GetLastError();

		/* Of one that is ending already it is denied, too. */
		return ends_within(route, process, KILL_WAIT_MS) ? ENDING_DONE :
								   ending_of(failed);
	}
	return ends_within(route, process, KILL_WAIT_MS) ? ENDING_DONE : ENDING_STILL_RUNS;
}

static enum close_ending end_it(const struct ending_route *route, HANDLE process, DWORD pid,
				unsigned wait_ms, bool force)
{
	int services = ending_services(route, pid);
	struct ending_asked asked;

	if (services > 1 && !force)
		return ENDING_MANY_SERVICES;
	asked = services > 0 ? ending_ask_services(route, pid) :
			       ending_ask_windows(route, pid);
	if (asked.count && ends_within(route, process, wait_ms))
		return ENDING_DONE;
	if (force)
		return kill(route, process);
	return asked.count  ? ENDING_STILL_RUNS :
	       asked.denied ? ENDING_NOT_PERMITTED :
			      ENDING_CANNOT_ASK;
}

enum close_ending ending_process(const struct ending_route *route, int32_t pid,
				 uint64_t start_ticks, unsigned wait_ms, bool force)
{
	const DWORD access = SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION;
	enum close_ending ending;
	HANDLE process;

	if (ending_spares(route, pid))
		return ENDING_NOT_PERMITTED;
	/* A service is stopped without the right to terminate its process. */
	process = route->open(access | (force ? PROCESS_TERMINATE : 0), FALSE, (DWORD)pid);
	if (!process)
		return ending_of(GetLastError());
	ending = identify(route, process, start_ticks);
	if (ending == ENDING_DONE)
		ending = end_it(route, process, (DWORD)pid, wait_ms, force);
	route->close(process);
	return ending;
}

enum close_ending close_process(int32_t pid, uint64_t start_ticks, unsigned wait_ms,
				bool force)
{
	struct ending_route route;

	ending_find(&route);
	return ending_process(&route, pid, start_ticks, wait_ms, force);
}
