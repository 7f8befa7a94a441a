#pragma once

#include "action/close.h"

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>
#include <winternl.h>

/*
 * What ends a process, or asks it to: kernel32.dll and advapi32.dll, which every Windows has; user32.dll and ntdll.dll by name,
 * of which what is not there is NULL.
 */
struct ending_route {
	HANDLE(WINAPI *open)(DWORD access, BOOL inherited, DWORD pid);
	BOOL(WINAPI *times)
	(HANDLE process, FILETIME *created, FILETIME *ended, FILETIME *kernel, FILETIME *user);
	BOOL(WINAPI *image)(HANDLE process, DWORD flags, WCHAR *path, DWORD *length);
	DWORD(WINAPI *wait)(HANDLE process, DWORD milliseconds);
	BOOL(WINAPI *terminate)(HANDLE process, UINT status);
	BOOL(WINAPI *close)(HANDLE process);
	NTSTATUS(WINAPI *query)
	(HANDLE process, ULONG about, void *bytes, ULONG size, ULONG *needed);

	BOOL(WINAPI *each_window)(WNDENUMPROC take, LPARAM context);
	DWORD(WINAPI *window_process)(HWND window, DWORD *pid);
	BOOL(WINAPI *post)(HWND window, UINT message, WPARAM word, LPARAM number);

	SC_HANDLE(WINAPI *open_manager)(LPCWSTR machine, LPCWSTR database, DWORD access);
	BOOL(WINAPI *each_service)
	(SC_HANDLE manager, SC_ENUM_TYPE level, DWORD type, DWORD state, BYTE *bytes,
	 DWORD size, DWORD *needed, DWORD *count, DWORD *resume, LPCWSTR group);
	SC_HANDLE(WINAPI *open_service)(SC_HANDLE manager, LPCWSTR name, DWORD access);
	BOOL(WINAPI *control)(SC_HANDLE service, DWORD what, SERVICE_STATUS *status);
	BOOL(WINAPI *close_service)(SC_HANDLE handle);
};

void ending_find(struct ending_route *route);

/* How many were asked to end, or would be; `denied`: some may not be asked. */
struct ending_asked {
	unsigned count;
	bool denied;
};

/* Closes its windows, as their close buttons do: learn.microsoft.com, "Terminating a Process". */
struct ending_asked ending_ask_windows(const struct ending_route *route, DWORD pid);

/* How many services run in it; -1: that cannot be seen. */
int ending_services(const struct ending_route *route, DWORD pid);

/* Whether one of them is a service whose end Windows answers by a restart (remote procedure calls, as their recovery says), or
 * that cannot be seen. */
bool ending_serves_windows(const struct ending_route *route, DWORD pid);

/* Stops these. */
struct ending_asked ending_ask_services(const struct ending_route *route, DWORD pid);

/* close_spares() and close_process() by another route. */
bool ending_spares(const struct ending_route *route, int32_t pid);
enum close_ending ending_process(const struct ending_route *route, int32_t pid,
				 uint64_t start_ticks, unsigned wait_ms, bool force);
