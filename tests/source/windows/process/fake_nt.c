#include "fake_nt.h"

#include "snapshot/address.h"
#include "source/artefact/windows/afd_endpoint.h"

#include <string.h>

struct fake fake;

static HANDLE go_on, wake;
static volatile LONG hanging; /* threads that wait for it */

/* Copies are numbers of their own, as the handles here are no handles. */
enum { FIRST_COPY = 0x10000, FIRST_PROCESS = 0x20000, OWN_FILE = 0x30000 };

static const struct fake_handle *of_copy(HANDLE copy)
{
	return &fake.handles[(uintptr_t)copy - FIRST_COPY];
}

/* ---- tables ---- */

enum { HEADER = 16, ENTRY = 40 };

static void put_entry(uint8_t *bytes, uint64_t pid, uint64_t handle, uint32_t access,
		      uint16_t type)
{
	memcpy(bytes + 8, &pid, sizeof pid);
	memcpy(bytes + 16, &handle, sizeof handle);
	memcpy(bytes + 24, &access, sizeof access);
	memcpy(bytes + 30, &type, sizeof type);
}

static NTSTATUS WINAPI query_system(ULONG about, void *bytes, ULONG size, ULONG *needed)
{
	uint64_t count = fake.count + !fake.no_own_file;
	ULONG length = (ULONG)(HEADER + count * ENTRY);

	if (fake.status)
		return (NTSTATUS)fake.status;
	if (about != NT_HANDLES)
		return (NTSTATUS)0xc0000003;
	if (fake.grows || size < length) {
		fake.grows -= fake.grows > 0;
		*needed = size < length ? length : size + 1;
		return (NTSTATUS)0xc0000004;
	}
	memset(bytes, 0, length);
	memcpy(bytes, &count, sizeof count);
	for (size_t i = 0; i < fake.count; i++)
		put_entry((uint8_t *)bytes + HEADER + i * ENTRY, (uint64_t)fake.handles[i].pid,
			  fake.handles[i].handle, fake.handles[i].access,
			  fake.handles[i].type);
	if (!fake.no_own_file)
		put_entry((uint8_t *)bytes + HEADER + fake.count * ENTRY,
			  GetCurrentProcessId(), OWN_FILE, 0, FAKE_FILE_TYPE);
	*needed = length;
	return 0;
}

/* ---- handles ---- */

static HANDLE open_file(void)
{
	return (HANDLE)OWN_FILE;
}

static HANDLE WINAPI open_process(DWORD access, BOOL inherited, DWORD pid)
{
	(void)access, (void)inherited;
	if ((int32_t)pid != fake.refused_pid)
		return (HANDLE)(uintptr_t)(FIRST_PROCESS + pid);
	SetLastError(ERROR_ACCESS_DENIED);
	return NULL;
}

static BOOL WINAPI session_of(DWORD pid, DWORD *session)
{
	*session = fake.own_session;
	for (size_t i = 0; i < fake.count; i++)
		if (fake.handles[i].pid == (int32_t)pid)
			*session = fake.handles[i].session;
	return TRUE;
}

static BOOL WINAPI duplicate(HANDLE from, HANDLE handle, HANDLE to, HANDLE *copy, DWORD access,
			     BOOL inherited, DWORD options)
{
	(void)to, (void)access, (void)inherited, (void)options;
	for (size_t i = 0; i < fake.count; i++)
		if ((uintptr_t)from == FIRST_PROCESS + (uintptr_t)fake.handles[i].pid &&
		    (uintptr_t)handle == fake.handles[i].handle) {
			*copy = (HANDLE)(FIRST_COPY + i);
			return fake.handles[i].kind != FAKE_CLOSED;
		}
	return FALSE;
}

static BOOL WINAPI close_handle(HANDLE handle)
{
	(void)handle;
	return TRUE;
}

static bool is_socket(const struct fake_handle *handle)
{
	return handle->kind != FAKE_FILE && handle->kind != FAKE_HANGING;
}

static void hang(void)
{
	InterlockedIncrement(&hanging);
	WaitForSingleObject(go_on, INFINITE);
	InterlockedDecrement(&hanging);
}

static NTSTATUS WINAPI query_file(HANDLE file, IO_STATUS_BLOCK *result, void *bytes,
				  ULONG size, ULONG about)
{
	static const wchar_t afd[] = L"\\Device\\Afd", disk[] = L"\\Device\\HarddiskVolume3";
	const struct fake_handle *handle = of_copy(file);
	const wchar_t *name = is_socket(handle) ? afd : disk;
	ULONG length = (ULONG)(wcslen(name) * sizeof *name);

	(void)result, (void)size;
	if (fake.no_volume_names || about != 58)
		return (NTSTATUS)0xc0000003;
	if (handle->kind == FAKE_HANGING)
		hang();
	if (handle->kind == FAKE_LATE)
		WaitForSingleObject(wake, INFINITE);
	if (handle->kind == FAKE_TARDY)
		Sleep(300);
	if (handle->kind == FAKE_WAKES)
		SetEvent(wake);
	memcpy(bytes, &length, sizeof length);
	memcpy((uint8_t *)bytes + sizeof length, name, length);
	return 0;
}

static NTSTATUS WINAPI query_object(HANDLE object, ULONG about, void *bytes, ULONG size,
				    ULONG *needed)
{
	static const struct fake_handle own = { .type = FAKE_FILE_TYPE };
	const struct fake_handle *handle = object == (HANDLE)OWN_FILE ? &own : of_copy(object);
	const wchar_t *name = about == 2 ?
				      (handle->type == FAKE_FILE_TYPE ? L"File" : L"Event") :
			      is_socket(handle) ? L"\\Device\\Afd\\Endpoint" :
						  L"\\Device\\NamedPipe\\x";
	UNICODE_STRING *string = bytes;

	if (handle->kind == FAKE_HANGING)
		hang();
	*needed = size;
	string->Length = (USHORT)(wcslen(name) * sizeof *name);
	string->Buffer = (wchar_t *)(string + 1);
	memcpy(string->Buffer, name, string->Length);
	return 0;
}

/* ---- the driver ---- */

static ULONG put_address(uint8_t *bytes, const char *text)
{
	struct address address;
	uint16_t port;

	if (!text || !address_parse_endpoint(text, &address, &port))
		return 0;
	memset(bytes, 0, 28);
	bytes[0] = address.family == FAMILY_IPV4 ? 2 : 23;
	bytes[2] = (uint8_t)(port >> 8);
	bytes[3] = (uint8_t)port;
	if (address.family == FAMILY_IPV4)
		memcpy(bytes + 4, address.bytes, 4);
	else
		memcpy(bytes + 8, address.bytes, 16);
	return address.family == FAMILY_IPV4 ? 16 : 28;
}

static ULONG put_context(uint8_t *bytes, const struct fake_handle *handle)
{
	memset(bytes, 0, 64);
	bytes[0] = handle->state;
	bytes[4] = handle->local && handle->local[0] == '[' ? 23 : 2;
	bytes[8] = handle->protocol == 17 ? 2 : 1;
	bytes[12] = handle->protocol;
	bytes[44] = handle->listens;
	return handle->protocol ? 64 : 0;
}

static NTSTATUS WINAPI control(HANDLE file, HANDLE event, void *routine, void *context,
			       IO_STATUS_BLOCK *result, ULONG code, void *in, ULONG in_size,
			       void *out, ULONG out_size)
{
	const struct fake_handle *handle = of_copy(file);

	(void)routine, (void)context, (void)in, (void)in_size, (void)out_size;
	InterlockedIncrement(&fake.controls);
	if (!is_socket(handle))
		InterlockedIncrement(&fake.foreign_controls);
	if (handle->kind == FAKE_PENDING || handle->kind == FAKE_LOST) {
		fake.lost_bytes = out;
		fake.lost_result = result;
		result->Pointer = event; /* for cancel() */
		return 0x103;
	}
	result->Information = code == AFD_GET_ADDRESS ? put_address(out, handle->local) :
			      code == AFD_GET_REMOTE_ADDRESS ?
							put_address(out, handle->remote) :
							put_context(out, handle);
	result->Status = result->Information ? 0 : (NTSTATUS)0xc000000d;
	if (handle->kind != FAKE_SLOW)
		return result->Status;
	SetEvent(event);
	return 0x103;
}

static NTSTATUS WINAPI cancel(HANDLE file, IO_STATUS_BLOCK *result)
{
	HANDLE event = fake.lost_result->Pointer;

	(void)result;
	if (of_copy(file)->kind == FAKE_PENDING) {
		fake.lost_result->Status = (NTSTATUS)0xc0000120; /* STATUS_CANCELLED */
		SetEvent(event);
	}
	return 0;
}

/* ---- all of it ---- */

void fake_begin(const struct fake_handle *handles, size_t count, struct nt_route *route)
{
	fake = (struct fake){ .handles = handles, .count = count };
	go_on = CreateEventW(NULL, TRUE, FALSE, NULL);
	wake = CreateEventW(NULL, TRUE, FALSE, NULL);
	*route = (struct nt_route){
		.query_system = query_system,
		.query_object = query_object,
		.query_file = query_file,
		.control = control,
		.cancel = cancel,
		.open_process = open_process,
		.duplicate = duplicate,
		.close = close_handle,
		.session_of = session_of,
		.open_file = open_file,
	};
}

void fake_end(void)
{
	SetEvent(go_on);
	while (hanging)
		Sleep(1);
	CloseHandle(go_on);
	CloseHandle(wake);
}
