#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <windows.h>

struct arena;

/*
 * Which services run in which process, as the service manager tells it: one process of svchost.exe can have many.
 */
struct service_route {
	SC_HANDLE(WINAPI *open_manager)(LPCWSTR machine, LPCWSTR database, DWORD access);
	BOOL(WINAPI *enumerate)
	(SC_HANDLE manager, SC_ENUM_TYPE level, DWORD type, DWORD state, BYTE *bytes,
	 DWORD size, DWORD *needed, DWORD *count, DWORD *resume, LPCWSTR group);
	BOOL(WINAPI *close)(SC_HANDLE manager);
};

void service_find(struct service_route *route);

struct service_names {
	struct service_name {
		int32_t pid;
		char *name;
	} * items; /* by pid, and of one by name */
	size_t count, capacity;
};

/* 0, or -1 with why not; within a few seconds in any case. Freed by service_names_free(). */
int service_names_read(struct service_names *names, const struct service_route *route,
		       struct error *error);
void service_names_free(struct service_names *names);

/* "Dnscache, NlaSvc"; NULL: none runs in that process. */
const char *service_names_of(const struct service_names *names, int32_t pid,
			     struct arena *arena);
