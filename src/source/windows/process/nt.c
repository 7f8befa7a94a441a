#include "source/windows/process/nt.h"

#include "base/arena.h"
#include "base/language.h"
#include "system/windows/error_text.h"
#include "system/windows/library.h"

#include <stdio.h>
#include <stdlib.h>

/* [MS-ERREF] 2.3.1 */
enum {
	NOT_IMPLEMENTED = (int)0xc0000002,
	INVALID_INFO_CLASS = (int)0xc0000003,
	INFO_LENGTH_MISMATCH = (int)0xc0000004,
	NO_MEMORY = (int)0xc0000017,
	ACCESS_DENIED = (int)0xc0000022,
	BUFFER_TOO_SMALL = (int)0xc0000023,
	INSUFFICIENT_RESOURCES = (int)0xc000009a,
	BUFFER_OVERFLOW = (int)0x80000005,
};

static HANDLE open_file(void)
{
	return CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
			   OPEN_EXISTING, 0, NULL);
}

void nt_find(struct nt_route *route)
{
	static const char ntdll[] = "ntdll.dll";

	*route = (struct nt_route){
		.open_process = OpenProcess,
		.duplicate = DuplicateHandle,
		.close = CloseHandle,
		.session_of = ProcessIdToSessionId,
		.open_file = open_file,
	};
	(void)library_find(route->query_system, ntdll, "NtQuerySystemInformation");
	(void)library_find(route->query_process, ntdll, "NtQueryInformationProcess");
	(void)library_find(route->query_object, ntdll, "NtQueryObject");
	(void)library_find(route->query_file, ntdll, "NtQueryInformationFile");
	(void)library_find(route->control, ntdll, "NtDeviceIoControlFile");
	(void)library_find(route->cancel, ntdll, "NtCancelIoFile");
}

const char *nt_status_text(NTSTATUS status)
{
	static __thread char text[64];

	switch (status) {
	case NOT_IMPLEMENTED:
	case INVALID_INFO_CLASS:
		return error_text(ERROR_NOT_SUPPORTED);
	case INFO_LENGTH_MISMATCH:
	case BUFFER_TOO_SMALL:
	case BUFFER_OVERFLOW:
		return error_text(ERROR_INSUFFICIENT_BUFFER);
	case NO_MEMORY:
	case INSUFFICIENT_RESOURCES:
		return error_text(ERROR_NOT_ENOUGH_MEMORY);
	case ACCESS_DENIED:
		return error_text(ERROR_ACCESS_DENIED);
	default:
		snprintf(text, sizeof text, _("status 0x%08lx"), (unsigned long)status);
		return text;
	}
}

static bool is_too_small(NTSTATUS status)
{
	return status == INFO_LENGTH_MISMATCH || status == BUFFER_TOO_SMALL ||
	       status == BUFFER_OVERFLOW;
}

/* A machine with two million handles needs 80 MB for them. */
enum { FIRST_BYTES = 256 * 1024, MORE_BYTES = 64 * 1024, MOST_TRIES = 12 };
enum { MOST_BYTES = 512 * 1024 * 1024 };

int nt_table_read(const struct nt_route *route, ULONG about, struct nt_table *table,
		  struct error *error)
{
	NTSTATUS status = INFO_LENGTH_MISMATCH;
	size_t size = FIRST_BYTES;

	*table = (struct nt_table){ NULL };
	if (!route->query_system)
		return error_set(error, "%s", error_text(ERROR_PROC_NOT_FOUND));
	for (int tries = 0; tries < MOST_TRIES && size <= MOST_BYTES; tries++) {
		ULONG needed = 0;

		table->bytes = memory_resize(table->bytes, size, 1);
		status = route->query_system(about, table->bytes, (ULONG)size, &needed);
		if (!is_too_small(status)) {
			table->size = needed && needed < size ? needed : size;
			break;
		}
		/* It can have grown by the next time; some versions do not say how much is needed. */
		size = needed > size ? (size_t)needed + needed / 8 + MORE_BYTES : size * 2;
	}
	if (status >= 0)
		return 0;
	nt_table_free(table);
	return error_set(error, "%s", nt_status_text(status));
}

void nt_table_free(struct nt_table *table)
{
	free(table->bytes);
	*table = (struct nt_table){ NULL };
}
