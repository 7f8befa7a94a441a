/*
 * A stand-in for iphlpapi.dll with the internal tables of bound ports, which Wine does not have. Everything else is Wine's own,
 * of which wine.py keeps a copy as iphlpapi_wine.dll.
 *
 *     PORTROOM_STANDIN_BOUND   a file, a line for each row: ADDRESS PORT PID [STATE]; a line "fail4 N" or "fail6 N" makes
 *                              that table answer with error N instead
 *
 * As in Windows the table is allocated from the heap that is handed over, and is the caller's.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>

#include <iphlpapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is handed on ---- */

static ULONG not_there(void)
{
	return ERROR_CALL_NOT_IMPLEMENTED;
}

/* As the arguments came they go on: nothing of them needs to be known here. */
#define HAND_ON(name)                                                                         \
	static void *own_##name __attribute__((used)) = (void *)not_there;                    \
	void standin_##name(void);                                                            \
	__attribute__((naked, used)) void standin_##name(void)                                \
	{                                                                                     \
		__asm__("jmp *%0" : : "m"(own_##name));                                       \
	}                                                                                     \
	__asm__(".section .drectve\n\t.ascii \" -export:" #name "=standin_" #name             \
		"\"\n\t.text");

#define ALL_HANDED_ON(each)                                                                   \
	each(GetAdaptersAddresses) each(GetBestInterfaceEx) each(GetBestRoute2)               \
		each(GetExtendedTcpTable) each(GetExtendedUdpTable) each(SetTcpEntry)

ALL_HANDED_ON(HAND_ON)

#define FIND(name)                                                                            \
	found = (void *)GetProcAddress(own, #name);                                           \
	if (found)                                                                            \
		own_##name = found;

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);
ULONG WINAPI InternalGetBoundTcpEndpointTable(void **table, HANDLE heap, ULONG flags);
ULONG WINAPI InternalGetBoundTcp6EndpointTable(void **table, HANDLE heap, ULONG flags);

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
	HMODULE own;
	void *found;

	(void)instance, (void)reserved;
	if (reason != DLL_PROCESS_ATTACH)
		return TRUE;
	own = LoadLibraryW(L"iphlpapi_wine.dll");
	if (!own)
		return FALSE;
	ALL_HANDED_ON(FIND)
	return TRUE;
}

/* ---- the internal tables ---- */

enum { ROWS_MOST = 70000 };

struct row {
	IN6_ADDR address; /* IPv4: the first four bytes */
	DWORD port, pid, state;
};

static struct row *rows_of(bool ipv6, DWORD *count, ULONG *failed)
{
	const char *name = getenv("PORTROOM_STANDIN_BOUND");
	FILE *file = name ? fopen(name, "r") : NULL;
	struct row *rows = calloc(ROWS_MOST, sizeof *rows);
	char line[200], address[100];

	*count = 0;
	while (rows && file && fgets(line, sizeof line, file) && *count < ROWS_MOST) {
		struct row row = { .state = 100 };

		if (sscanf(line, ipv6 ? "fail6 %lu" : "fail4 %lu", failed) == 1)
			continue;
		if (sscanf(line, "%99s %lu %lu %lu", address, &row.port, &row.pid,
			   &row.state) < 3 ||
		    !strchr(address, ':') == ipv6 ||
		    inet_pton(ipv6 ? AF_INET6 : AF_INET, address, &row.address) != 1)
			continue;
		rows[(*count)++] = row;
	}
	if (file)
		fclose(file);
	return rows;
}

__declspec(dllexport) ULONG WINAPI
	InternalGetBoundTcpEndpointTable(void **table, HANDLE heap, ULONG flags)
{
	ULONG failed = NO_ERROR;
	DWORD count;
	struct row *rows = rows_of(false, &count, &failed);
	MIB_TCPTABLE2 *made = HeapAlloc(heap, flags | HEAP_ZERO_MEMORY,
					sizeof *made + count * sizeof made->table[0]);

	made->dwNumEntries = count;
	for (DWORD i = 0; i < count; i++) {
		made->table[i].dwState = rows[i].state;
		memcpy(&made->table[i].dwLocalAddr, &rows[i].address, 4);
		made->table[i].dwLocalPort = htons((u_short)rows[i].port);
		made->table[i].dwOwningPid = rows[i].pid;
	}
	free(rows);
	*table = made;
	if (!failed)
		return NO_ERROR;
	HeapFree(heap, 0, made);
	*table = NULL;
	return failed;
}

__declspec(dllexport) ULONG WINAPI
	InternalGetBoundTcp6EndpointTable(void **table, HANDLE heap, ULONG flags)
{
	ULONG failed = NO_ERROR;
	DWORD count;
	struct row *rows = rows_of(true, &count, &failed);
	MIB_TCP6TABLE2 *made = HeapAlloc(heap, flags | HEAP_ZERO_MEMORY,
					 sizeof *made + count * sizeof made->table[0]);

	made->dwNumEntries = count;
	for (DWORD i = 0; i < count; i++) {
		made->table[i].State = rows[i].state;
		made->table[i].LocalAddr = rows[i].address;
		made->table[i].dwLocalPort = htons((u_short)rows[i].port);
		made->table[i].dwOwningPid = rows[i].pid;
	}
	free(rows);
	*table = made;
	if (!failed)
		return NO_ERROR;
	HeapFree(heap, 0, made);
	*table = NULL;
	return failed;
}
