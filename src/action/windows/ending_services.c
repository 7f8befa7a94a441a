#include "action/windows/ending_route.h"

#include "base/arena.h"

#include <stdlib.h>
#include <wchar.h>

/*
 * A service is stopped by the service manager, which knows that it was meant: one that just ends is started again, as its
 * recovery says (learn.microsoft.com, ControlService, SERVICE_FAILURE_ACTIONS). The whole list is read at once or not at
 * all; 256 KB is the most that one call takes, and it goes on from where it was.
 */
enum { BATCH_BYTES = 256 << 10, MOST_BATCHES = 64 };

struct services {
	const struct ending_route *route;
	SC_HANDLE manager;
	DWORD pid;
	void (*take)(struct services *services, const WCHAR *name);
	int count;
	bool needed;
	struct ending_asked asked;
};

static void take_batch(struct services *services, const ENUM_SERVICE_STATUS_PROCESSW *items,
		       DWORD count)
{
	for (DWORD i = 0; i < count; i++) {
		if (items[i].ServiceStatusProcess.dwProcessId != services->pid)
			continue;
		services->count++;
		if (services->take)
			services->take(services, items[i].lpServiceName);
	}
}

/* False: not all could be seen. */
static bool enumerate(struct services *services)
{
	BYTE *bytes = memory_zeroed(1, BATCH_BYTES);
	DWORD resume = 0, failed = ERROR_MORE_DATA;

	for (int i = 0; failed == ERROR_MORE_DATA && i < MOST_BATCHES; i++) {
		DWORD needed = 0, count = 0;

		failed = services->route->each_service(services->manager, SC_ENUM_PROCESS_INFO,
						       SERVICE_WIN32, SERVICE_ACTIVE, bytes,
						       BATCH_BYTES, &needed, &count, &resume,
						       NULL) ?
				 0 :
				 GetLastError();
		if (!failed || failed == ERROR_MORE_DATA)
			take_batch(services, (const ENUM_SERVICE_STATUS_PROCESSW *)bytes,
				   count);
	}
	free(bytes);
	return !failed;
}

/* False: the service manager may not be asked. */
static bool each_service(struct services *services)
{
	bool whole;

	services->manager = services->route->open_manager(
		NULL, NULL, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
	if (!services->manager)
		return false;
	whole = enumerate(services);
	services->route->close_service(services->manager);
	return whole;
}

int ending_services(const struct ending_route *route, DWORD pid)
{
	struct services services = { .route = route, .pid = pid };

	return each_service(&services) ? services.count : -1;
}

static void note_needed(struct services *services, const WCHAR *name)
{
	static const WCHAR *const names[] = { L"DcomLaunch", L"RpcEptMapper", L"RpcSs" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		services->needed |= !_wcsicmp(name, names[i]);
}

bool ending_serves_windows(const struct ending_route *route, DWORD pid)
{
	struct services services = { .route = route, .pid = pid, .take = note_needed };

	return !each_service(&services) || services.needed;
}

static void stop(struct services *services, const WCHAR *name)
{
	const struct ending_route *route = services->route;
	SC_HANDLE service = route->open_service(services->manager, name, SERVICE_STOP);
	SERVICE_STATUS status;

	if (!service) {
		services->asked.denied |= GetLastError() == ERROR_ACCESS_DENIED;
		return;
	}
	if (route->control(service, SERVICE_CONTROL_STOP, &status))
		services->asked.count++;
	else
		services->asked.denied |= GetLastError() == ERROR_ACCESS_DENIED;
	route->close_service(service);
}

struct ending_asked ending_ask_services(const struct ending_route *route, DWORD pid)
{
	struct services services = { .route = route, .pid = pid, .take = stop };

	each_service(&services);
	return services.asked;
}
