#include "source/windows/process/afd_query.h"

#include "base/arena.h"

#include <stdlib.h>

/*
 * First the device: by FileVolumeNameInformation, which the kernel answers itself; where that is not known (Windows 7, Wine), by the
 * name of the object. Only what is \Device\Afd, or has no name at all, as sockets under Wine, is asked for its address: to
 * other drivers that code may mean something else.
 */
enum { VOLUME_NAME = 58, OBJECT_NAME = 1, ANSWER_BYTES = 2048 };
enum { PENDING = 0x103, CANCELLED = (int)0xc0000120 }; /* [MS-ERREF] 2.3.1 */

/* Outlives a request that is under way still when nobody waits for it any more. */
struct afd_room {
	IO_STATUS_BLOCK result;
	HANDLE event;
	_Alignas(16) uint8_t bytes[ANSWER_BYTES];
};

static void make_room(struct afd_query *query)
{
	query->room = memory_zeroed(1, sizeof *query->room);
	query->room->event = CreateEventW(NULL, TRUE, FALSE, NULL);
}

void afd_query_init(struct afd_query *query, const struct nt_route *route, unsigned limit_ms)
{
	*query = (struct afd_query){ .route = *route, .limit_ms = limit_ms };
	make_room(query);
}

void afd_query_free(struct afd_query *query)
{
	CloseHandle(query->room->event);
	free(query->room);
	query->room = NULL;
}

/* ---- the device ---- */

enum device { DEVICE_UNKNOWN, DEVICE_AFD, DEVICE_OTHER };

static bool is_afd(const wchar_t *name, size_t bytes)
{
	static const wchar_t afd[] = L"\\Device\\Afd";
	const size_t length = sizeof afd - sizeof *afd;

	return bytes >= length && !_wcsnicmp(name, afd, length / sizeof *afd) &&
	       (bytes == length || name[length / sizeof *afd] == L'\\');
}

/* FILE_VOLUME_NAME_INFORMATION: a length in bytes, and the name. */
static enum device by_volume(struct afd_query *query, HANDLE handle)
{
	struct afd_room *room = query->room;
	const struct {
		ULONG length;
		wchar_t name[1];
	} *volume = (const void *)room->bytes;

	if (!query->route.query_file ||
	    query->route.query_file(handle, &room->result, room->bytes, ANSWER_BYTES,
				    VOLUME_NAME) < 0)
		return DEVICE_UNKNOWN;
	if (volume->length > ANSWER_BYTES - sizeof volume->length)
		return DEVICE_UNKNOWN;
	return is_afd(volume->name, volume->length) ? DEVICE_AFD : DEVICE_OTHER;
}

static enum device by_name(struct afd_query *query, HANDLE handle)
{
	const UNICODE_STRING *name = (const UNICODE_STRING *)query->room->bytes;
	ULONG needed;
	uintptr_t from;

	if (!query->route.query_object ||
	    query->route.query_object(handle, OBJECT_NAME, query->room->bytes, ANSWER_BYTES,
				      &needed) < 0)
		return DEVICE_OTHER;
	from = (uintptr_t)name->Buffer - (uintptr_t)query->room->bytes;
	if (!name->Length)
		return DEVICE_UNKNOWN;
	if (!name->Buffer || from >= ANSWER_BYTES || name->Length > ANSWER_BYTES - from)
		return DEVICE_OTHER;
	return is_afd(name->Buffer, name->Length) ? DEVICE_AFD : DEVICE_OTHER;
}

/* ---- its answers ---- */

static NTSTATUS wait_for(struct afd_query *query, HANDLE handle)
{
	struct afd_room *room = query->room;
	IO_STATUS_BLOCK cancelled;

	if (WaitForSingleObject(room->event, query->limit_ms) == WAIT_OBJECT_0)
		return room->result.Status;
	if (query->route.cancel)
		query->route.cancel(handle, &cancelled);
	if (WaitForSingleObject(room->event, query->limit_ms) != WAIT_OBJECT_0)
		make_room(query); /* the driver may write into that until the program ends */
	else if (room->result.Status != CANCELLED)
		return room->result.Status;
	query->is_late = true;
	return PENDING;
}

/* How many bytes are in the room; 0: it does not tell. */
static size_t ask(struct afd_query *query, HANDLE handle, ULONG code)
{
	struct afd_room *room = query->room;
	NTSTATUS status;

	if (!query->route.control || !room->event || query->is_late)
		return 0;
	ResetEvent(room->event);
	memset(room->bytes, 0, 64);
	room->result = (IO_STATUS_BLOCK){ .Information = 0 };
	status = query->route.control(handle, room->event, NULL, NULL, &room->result, code,
				      NULL, 0, room->bytes, ANSWER_BYTES);
	if (status == PENDING)
		status = wait_for(query, handle);
	if (status || room != query->room || room->result.Information > ANSWER_BYTES)
		return 0;
	return room->result.Information;
}

static bool ask_endpoint(struct afd_query *query, HANDLE handle, struct afd_endpoint *endpoint)
{
	enum device device = by_volume(query, handle);
	size_t size;

	if (device == DEVICE_UNKNOWN)
		device = by_name(query, handle);
	if (device == DEVICE_OTHER)
		return false;
	size = ask(query, handle, AFD_GET_ADDRESS);
	if (!size && device == DEVICE_UNKNOWN)
		return false;
	afd_endpoint_address(query->room->bytes, size, &endpoint->local,
			     &endpoint->local_port);
	if (device == DEVICE_UNKNOWN)
		return true; /* not the driver that knows the other codes */
	size = ask(query, handle, AFD_GET_CONTEXT);
	afd_endpoint_context(query->room->bytes, size, endpoint);
	if (!endpoint->is_known || endpoint->is_connected) {
		size = ask(query, handle, AFD_GET_REMOTE_ADDRESS);
		afd_endpoint_address(query->room->bytes, size, &endpoint->remote,
				     &endpoint->remote_port);
	}
	return true;
}

bool afd_query_endpoint(struct afd_query *query, HANDLE handle, struct afd_endpoint *endpoint)
{
	bool is_socket;

	*endpoint = (struct afd_endpoint){ 0 };
	query->is_late = false;
	is_socket = ask_endpoint(query, handle, endpoint);
	query->unanswered += query->is_late;
	return is_socket;
}
