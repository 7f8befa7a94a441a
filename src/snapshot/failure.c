#include "snapshot/failure.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *failure_call_name(enum failure_call call)
{
	static const char *const names[] = {
		[FAILURE_CONNECT] = "connect", [FAILURE_BIND] = "bind",
		[FAILURE_LISTEN] = "listen",   [FAILURE_SEND] = "send",
		[FAILURE_RESERVE] = "reserve",
	};

	return names[call];
}

bool failure_source_is_windows(const char *source)
{
	return !strcmp(source, "etw") || !strcmp(source, "etl");
}

const char *failure_kind_name(enum failure_kind kind)
{
	static const char *const names[FAILURE_KIND_COUNT] = {
		[FAILURE_TCP_CONNECT] = "tcp_connect", [FAILURE_ANY_BIND] = "bind",
		[FAILURE_TCP_LISTEN] = "listen",       [FAILURE_UDP_CONNECT] = "udp_connect",
		[FAILURE_UDP_SEND] = "udp_send",
	};

	return names[kind];
}

/* As libuv src/win/winsock.c has it, uv_ntstatus_to_winsock_error(); but for want of a port Winsock itself says
 * WSAENOBUFS (learn.microsoft.com, Troubleshoot port exhaustion issues). */
const char *failure_winsock_name(uint32_t ntstatus)
{
	static const struct {
		uint32_t ntstatus;
		const char *name;
	} names[] = {
		{ 0xc0000209, "WSAENOBUFS" },	    { 0xc000020a, "WSAEADDRINUSE" },
		{ 0xc0000043, "WSAEADDRINUSE" },    { 0xc0000022, "WSAEACCES" },
		{ 0xc000009a, "WSAENOBUFS" },	    { 0xc0000207, "WSAEADDRNOTAVAIL" },
		{ 0xc0000141, "WSAEADDRNOTAVAIL" }, { 0xc000000d, "WSAEINVAL" },
		{ 0xc0000236, "WSAECONNREFUSED" },  { 0xc000020d, "WSAECONNRESET" },
		{ 0xc00000b5, "WSAETIMEDOUT" },	    { 0xc000023c, "WSAENETUNREACH" },
		{ 0xc000023d, "WSAEHOSTUNREACH" },  { 0xc0000241, "WSAECONNABORTED" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].ntstatus == ntstatus)
			return names[i].name;
	return NULL;
}

const char *failure_error_text(char buffer[FAILURE_ERROR_SIZE], const struct failure *failure)
{
	if (failure->error || !failure->ntstatus)
		return failure->error;
	snprintf(buffer, FAILURE_ERROR_SIZE, "0x%08X", failure->ntstatus);
	return buffer;
}
