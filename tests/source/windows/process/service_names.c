#include "source/windows/process/service_names.h"

#include "base/arena.h"
#include "suite.h"

#include <string.h>

/* ---- a service manager of our making ---- */

static unsigned batches, closed;

static SC_HANDLE WINAPI open_manager(LPCWSTR machine, LPCWSTR database, DWORD access)
{
	(void)machine, (void)database, (void)access;
	return (SC_HANDLE)&batches;
}

static SC_HANDLE WINAPI open_denied(LPCWSTR machine, LPCWSTR database, DWORD access)
{
	(void)machine, (void)database, (void)access;
	SetLastError(ERROR_ACCESS_DENIED);
	return NULL;
}

static BOOL WINAPI close_manager(SC_HANDLE manager)
{
	(void)manager;
	closed++;
	return TRUE;
}

static const struct {
	const wchar_t *name;
	DWORD pid;
} running[] = {
	{ L"NlaSvc", 1234 },
	{ L"Dnscache", 1234 },
	{ L"Spooler", 2000 },
	{ L"Stopped", 0 },
};

/* One at a time. */
static BOOL WINAPI enumerate(SC_HANDLE manager, SC_ENUM_TYPE level, DWORD type, DWORD state,
			     BYTE *bytes, DWORD size, DWORD *needed, DWORD *count,
			     DWORD *resume, LPCWSTR group)
{
	ENUM_SERVICE_STATUS_PROCESSW *service = (ENUM_SERVICE_STATUS_PROCESSW *)bytes;

	(void)manager, (void)level, (void)type, (void)state, (void)size, (void)group;
	batches++;
	*needed = sizeof *service;
	*count = 1;
	service->lpServiceName = (wchar_t *)running[*resume].name;
	service->ServiceStatusProcess.dwProcessId = running[*resume].pid;
	if (++*resume == sizeof running / sizeof running[0])
		return TRUE;
	SetLastError(ERROR_MORE_DATA);
	return FALSE;
}

static BOOL WINAPI enumerate_denied(SC_HANDLE manager, SC_ENUM_TYPE level, DWORD type,
				    DWORD state, BYTE *bytes, DWORD size, DWORD *needed,
				    DWORD *count, DWORD *resume, LPCWSTR group)
{
	(void)manager, (void)level, (void)type, (void)state, (void)bytes, (void)size;
	(void)needed, (void)count, (void)resume, (void)group;
	SetLastError(ERROR_ACCESS_DENIED);
	return FALSE;
}

/* ---- tests ---- */

TEST(services_are_told_by_process_in_batches)
{
	const struct service_route route = { open_manager, enumerate, close_manager };
	struct service_names names;
	struct arena arena = { 0 };
	struct error error;

	batches = closed = 0;
	assert_int_equal(service_names_read(&names, &route, &error), 0);
	assert_int_equal(batches, 4);
	assert_int_equal(closed, 1);
	assert_int_equal(names.count, 3);
	assert_string_equal(service_names_of(&names, 1234, &arena), "Dnscache, NlaSvc");
	assert_string_equal(service_names_of(&names, 2000, &arena), "Spooler");
	assert_null(service_names_of(&names, 4, &arena));
	service_names_free(&names);
	arena_free(&arena);
}

TEST(a_service_manager_that_denies_is_said_to)
{
	const struct service_route closed_door = { open_denied, enumerate, close_manager };
	const struct service_route closed_book = { open_manager, enumerate_denied,
						   close_manager };
	struct service_names names;
	struct error error;

	assert_int_equal(service_names_read(&names, &closed_door, &error), -1);
	assert_non_null(strstr(error.text, "denied"));
	closed = 0;
	assert_int_equal(service_names_read(&names, &closed_book, &error), -1);
	assert_non_null(strstr(error.text, "denied"));
	assert_int_equal(closed, 1);
	assert_int_equal(names.count, 0);
}

TEST(without_a_service_manager_there_is_no_answer)
{
	const struct service_route none = { NULL };
	struct service_names names;
	struct error error;

	assert_int_equal(service_names_read(&names, &none, &error), -1);
	assert_non_null(strstr(error.text, "does not have it"));
}

SUITE(service_names, cmocka_unit_test(services_are_told_by_process_in_batches),
      cmocka_unit_test(a_service_manager_that_denies_is_said_to),
      cmocka_unit_test(without_a_service_manager_there_is_no_answer));
