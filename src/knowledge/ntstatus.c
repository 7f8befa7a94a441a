#include "base/language.h"
#include "knowledge/topic.h"

/*
 * Values: Microsoft, [MS-ERREF] 2.3.1, and ntstatus.h. A trace of the AFD driver (netsh trace) shows
 * the status of each bind and connect; Network Monitor shows its low 16 bits. What Winsock makes of
 * them: libuv src/win/winsock.c, uv__ntstatus_to_winsock_error().
 */
#define VALUES "learn.microsoft.com, [MS-ERREF] NTSTATUS Values"

const struct topic topics_ntstatus[] = {
	{
		.name = "STATUS_TOO_MANY_ADDRESSES",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_LIKELY,
		.code = 0xc0000209,
		.title = N_("no address (port) could be given"),
		.meaning =
			N_("A bind to port 0, or a connect, found no free port in the dynamic "
			   "range. Programs see WSAENOBUFS (10055)."),
		.tell = N_(
			"On a bind to port 0 or on a connect it is the proof of exhaustion. In "
			"Network Monitor it is Code == 0x209."),
		.next = N_(
			"Read which process had it in the trace; that process suffers, the one "
			"with most ports is the cause."),
		.source = "learn.microsoft.com, Troubleshoot port exhaustion issues",
	},
	{
		.name = "STATUS_ADDRESS_ALREADY_EXISTS",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_NO,
		.code = 0xc000020a,
		.title = N_("somebody has that port"),
		.meaning = N_(
			"A bind named a port that is taken. Programs see WSAEADDRINUSE (10048)."),
		.tell = N_(
			"A conflict about one port, not exhaustion: a usual false alarm in traces."),
		.next = N_("Look who listens on that port: netstat -ano."),
		.source = VALUES,
	},
	{
		.name = "STATUS_SHARING_VIOLATION",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_NO,
		.code = 0xc0000043,
		.title = N_("the port is held exclusively"),
		.meaning = N_(
			"A bind named a port that another socket does not share. Programs see "
			"WSAEADDRINUSE (10048)."),
		.tell = N_(
			"A conflict about one port, not exhaustion: a usual false alarm in traces."),
		.next = N_("Look who listens on that port: netstat -ano."),
		.source = VALUES,
	},
	{
		.name = "STATUS_ACCESS_DENIED",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_NO,
		.code = 0xc0000022,
		.title = N_("access to the port is forbidden"),
		.meaning =
			N_("A bind named a port in an excluded range. Programs see WSAEACCES "
			   "(10013)."),
		.tell = N_(
			"Not exhaustion: a usual false alarm. Hyper-V, WSL and Docker reserve "
			"ranges at start, which move with every reboot."),
		.next = N_(
			"List them: netsh int ipv4 show excludedportrange tcp. Take a port outside, "
			"or reserve yours before they start."),
		.source = VALUES,
	},
	{
		.name = "STATUS_INSUFFICIENT_RESOURCES",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_NO,
		.code = 0xc000009a,
		.title = N_("the system lacks memory"),
		.meaning =
			N_("A kernel pool is used up. Programs see WSAENOBUFS (10055), too."),
		.tell = N_(
			"The same 10055 as exhaustion, but memory: look at the non-paged pool."),
		.next = N_("Look for leaking drivers: poolmon."),
		.source = VALUES,
	},
	{
		.name = "STATUS_INVALID_ADDRESS_COMPONENT",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_NO,
		.code = 0xc0000207,
		.title = N_("the address is not one of this machine's"),
		.meaning = N_(
			"A bind or connect named an address that cannot be used here. Programs "
			"see WSAEADDRNOTAVAIL (10049)."),
		.tell = N_("The call had a port, or did not come to need one."),
		.next = N_("Check the address that the program binds or connects to."),
		.source = VALUES,
	},
	{
		.name = "STATUS_INVALID_ADDRESS",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_NO,
		.code = 0xc0000141,
		.title = N_("the address is not one of this machine's"),
		.meaning = N_(
			"A bind or connect named an address that cannot be used here. Programs "
			"see WSAEADDRNOTAVAIL (10049)."),
		.tell = N_("The call had a port, or did not come to need one."),
		.next = N_("Check the address that the program binds or connects to."),
		.source = VALUES,
	},
	{
		.name = "STATUS_INVALID_PARAMETER",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_NO,
		.code = 0xc000000d,
		.title = N_("Invalid argument"),
		.meaning = N_("A call had wrong arguments."),
		.tell = N_("The call had a port, or did not come to need one."),
		.next = N_("A fault of the program: look at the call in the trace."),
		.source = VALUES,
	},
	{
		.name = "STATUS_CONNECTION_REFUSED",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_NO,
		.code = 0xc0000236,
		.title = N_("Connection refused"),
		.meaning = N_("Nobody listens on that port of the target."),
		.tell = N_("Not ports: the connect had one, and the peer said no."),
		.next = N_(
			"See whether the service runs and listens on that address and port."),
		.source = VALUES,
	},
	{
		.name = "STATUS_CONNECTION_RESET",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_NO,
		.code = 0xc000020d,
		.title = N_("Connection reset by peer"),
		.meaning = N_(
			"The peer, or a box on the way, ended the connection with a reset."),
		.tell = N_("The call had a port, or did not come to need one."),
		.next = N_("Look at the server's log at the same time."),
		.source = VALUES,
	},
	{
		.name = "STATUS_IO_TIMEOUT",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_ELSEWHERE,
		.code = 0xc00000b5,
		.title = N_("Connection timed out"),
		.meaning = N_("The peer did not answer in time."),
		.tell = N_(
			"The connect had a port. A NAT gateway on the way may have none left."),
		.next = N_("Test from the other side of the gateway."),
		.source = VALUES,
	},
	{
		.name = "STATUS_HOST_UNREACHABLE",
		.kind = TOPIC_NTSTATUS,
		.exhaustion = EXHAUSTION_NO,
		.code = 0xc000023d,
		.title = N_("No route to host"),
		.meaning =
			N_("The next hop or a filter says that the host cannot be reached."),
		.tell = N_("The call had a port, or did not come to need one."),
		.next = N_("Look at route print."),
		.source = VALUES,
	},
	{ 0 },
};
