#include "source/windows/process/handle_look.h"

#include "base/arena.h"
#include "source/artefact/dump/utf16.h"
#include "system/windows/error_text.h"

#include <stdio.h>

/* ---- types ---- */

enum { TYPE_INFORMATION = 2, TYPE_BYTES = 4096 };

/* ObjectTypeInformation begins with the name, a UNICODE_STRING (learn.microsoft.com, NtQueryObject,
 * PUBLIC_OBJECT_TYPE_INFORMATION). It is told by the object manager, which asks no driver and so never waits. */
static bool ask_name(const struct nt_route *route, HANDLE copy, char *name, size_t size)
{
	union {
		UNICODE_STRING name;
		uint8_t bytes[TYPE_BYTES];
	} type = { .name = { 0 } };
	ULONG needed;
	uintptr_t from;

	if (!route->query_object ||
	    route->query_object(copy, TYPE_INFORMATION, &type, sizeof type, &needed) < 0)
		return false;
	from = (uintptr_t)type.name.Buffer - (uintptr_t)&type;
	return from < sizeof type && type.name.Length <= sizeof type - from &&
	       utf16_to_utf8(type.bytes + from, type.name.Length, name, size) > 0;
}

/* ---- the look ---- */

int handle_look_open(const struct nt_route *route, struct handle_look *look,
		     struct error *error)
{
	int32_t own = (int32_t)GetCurrentProcessId();
	HANDLE file = route->open_file();
	int result;

	*look = (struct handle_look){ .file_type = -1 };
	result = nt_table_read(route, NT_HANDLES, &look->bytes, error);
	if (!result && !handle_table_open(&look->table, look->bytes.bytes, look->bytes.size))
		result = error_set(error, "%s", error_text(ERROR_INVALID_DATA));
	for (size_t i = 0; i < look->table.count; i++) {
		struct handle_entry entry = handle_table_at(&look->table, i);

		if (entry.pid == own && entry.handle == (uintptr_t)file)
			look->file_type = entry.type;
	}
	if (file != INVALID_HANDLE_VALUE) {
		ask_name(route, file, look->file_name, sizeof look->file_name);
		route->close(file);
	}
	if (result)
		handle_look_close(look);
	return result;
}

void handle_look_close(struct handle_look *look)
{
	nt_table_free(&look->bytes);
	*look = (struct handle_look){ .file_type = -1 };
}

/* ---- types of others ---- */

enum { MOST_TRIES = 16 };

static bool ask_of(const struct nt_route *route, struct handle_entry entry, char *name,
		   size_t size)
{
	HANDLE process = route->open_process(PROCESS_DUP_HANDLE, FALSE, (DWORD)entry.pid);
	HANDLE copy;
	bool told = false;

	if (!process)
		return false;
	if (route->duplicate(process, (HANDLE)(uintptr_t)entry.handle, GetCurrentProcess(),
			     &copy, 0, FALSE, 0)) {
		told = ask_name(route, copy, name, size);
		route->close(copy);
	}
	route->close(process);
	return told;
}

bool handle_look_type_name(const struct nt_route *route, const struct handle_look *look,
			   uint16_t type, int32_t pid, char *name, size_t size)
{
	int tries = 0;

	if (type == look->file_type) {
		snprintf(name, size, "%s", look->file_name);
		return *name;
	}
	for (int others = 0; others < 2; others++) {
		tries = 0;
		for (size_t i = 0; i < look->table.count && tries < MOST_TRIES; i++) {
			struct handle_entry entry = handle_table_at(&look->table, i);

			if (entry.type != type || entry.pid <= 0 ||
			    (entry.pid == pid) == (others == 1))
				continue;
			if (ask_of(route, entry, name, size))
				return true;
			tries++;
		}
	}
	return false;
}
