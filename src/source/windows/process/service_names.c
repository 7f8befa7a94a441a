#include "source/windows/process/service_names.h"

#include "base/arena.h"
#include "base/language.h"
#include "system/patience.h"
#include "system/windows/error_text.h"
#include "system/windows/library.h"
#include "system/windows/wide.h"

#include <stdlib.h>
#include <string.h>

/* 256 KB is the most that one call takes (learn.microsoft.com, EnumServicesStatusExW). */
enum { BATCH_BYTES = 256 * 1024, MOST_BATCHES = 64, LONGEST_MS = 3000 };
enum { LONGEST_TEXT = 512 };

void service_find(struct service_route *route)
{
	static const char advapi[] = "advapi32.dll";

	*route = (struct service_route){ NULL };
	(void)library_find(route->open_manager, advapi, "OpenSCManagerW");
	(void)library_find(route->enumerate, advapi, "EnumServicesStatusExW");
	(void)library_find(route->close, advapi, "CloseServiceHandle");
}

/* What the thread works on: it is the thread's when the caller has given up. */
struct look {
	struct service_route route;
	struct service_names names;
	DWORD failed; /* 0: nothing */
};

static void take(struct service_names *names, const ENUM_SERVICE_STATUS_PROCESSW *services,
		 DWORD count)
{
	for (DWORD i = 0; i < count; i++) {
		DWORD pid = services[i].ServiceStatusProcess.dwProcessId;

		if (!pid || pid > INT32_MAX || !services[i].lpServiceName)
			continue;
		array_reserve(names->items, names->count, names->capacity);
		names->items[names->count++] = (struct service_name){
			(int32_t)pid,
			wide_to_text(services[i].lpServiceName),
		};
	}
}

static void enumerate(struct look *look, SC_HANDLE manager)
{
	BYTE *bytes = memory_zeroed(1, BATCH_BYTES);
	DWORD resume = 0;

	look->failed = ERROR_MORE_DATA;
	for (int i = 0; i < MOST_BATCHES && look->failed == ERROR_MORE_DATA; i++) {
		DWORD needed = 0, count = 0;

		look->failed = 0;
		if (!look->route.enumerate(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32,
					   SERVICE_ACTIVE, bytes, BATCH_BYTES, &needed, &count,
					   &resume, NULL))
			look->failed = GetLastError();
		if (!look->failed || look->failed == ERROR_MORE_DATA)
			take(&look->names, (const ENUM_SERVICE_STATUS_PROCESSW *)bytes, count);
	}
	free(bytes);
}

static void ask(void *context)
{
	struct look *look = context;
	SC_HANDLE manager = look->route.open_manager(
		NULL, NULL, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);

	if (!manager) {
		look->failed = GetLastError();
		return;
	}
	enumerate(look, manager);
	look->route.close(manager);
}

static void release(void *context)
{
	struct look *look = context;

	service_names_free(&look->names);
	free(look);
}

static int by_pid_and_name(const void *a, const void *b)
{
	const struct service_name *left = a, *right = b;

	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	return strcmp(left->name, right->name);
}

int service_names_read(struct service_names *names, const struct service_route *route,
		       struct error *error)
{
	struct look *look;
	DWORD failed;

	*names = (struct service_names){ NULL };
	if (!route->open_manager || !route->enumerate || !route->close)
		return error_set(error, "%s", error_text(ERROR_PROC_NOT_FOUND));
	look = memory_zeroed(1, sizeof *look);
	look->route = *route;
	switch (patience_run(LONGEST_MS, ask, release, look)) {
	case PATIENCE_DONE:
		break;
	case PATIENCE_OVER:
		return error_set(error, "%s", error_text(ERROR_TIMEOUT));
	default:
		release(look);
		return error_set(error, "%s", error_text(ERROR_NOT_ENOUGH_MEMORY));
	}
	*names = look->names;
	failed = look->failed;
	look->names = (struct service_names){ NULL };
	release(look);
	if (names->count)
		qsort(names->items, names->count, sizeof *names->items, by_pid_and_name);
	if (!failed)
		return 0;
	service_names_free(names);
	return error_set(error, "%s", error_text(failed));
}

void service_names_free(struct service_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i].name);
	free(names->items);
	*names = (struct service_names){ NULL };
}

const char *service_names_of(const struct service_names *names, int32_t pid,
			     struct arena *arena)
{
	const char *text = NULL;

	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->items[i].name;

		if (names->items[i].pid != pid)
			continue;
		if (text && strlen(text) + strlen(name) > LONGEST_TEXT)
			break;
		text = text ? arena_print(arena, "%s, %s", text, name) :
			      arena_copy(arena, name);
	}
	return text;
}
