#include "base/language.h"
#include "knowledge/topic.h"

/*
 * Microsoft, "Windows Sockets Error Codes". What they mean for ports: Microsoft, "Troubleshoot port
 * exhaustion issues".
 */
#define CODES "learn.microsoft.com, Windows Sockets Error Codes"
#define ARTICLE "learn.microsoft.com, Troubleshoot port exhaustion issues"

const struct topic topics_winsock[] = {
	{
		.name = "WSAENOBUFS",
		.aliases =
			"an operation on a socket could not be performed because the system "
			"lacked sufficient buffer space or because a queue was full",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_LIKELY,
		.code = 10055,
		.title = N_("no buffer space, or no ephemeral port left"),
		.meaning = N_(
			"Windows says this when the dynamic port range is used up, and also "
			"when the non-paged pool is."),
		.tell = N_(
			"Exhaustion if event 4231 (TCP) or 4266 (UDP) stands in the System log, or "
			"if a bind failed with STATUS_TOO_MANY_ADDRESSES. Memory if the non-paged "
			"pool is full instead."),
		.next = N_(
			"See on that machine who has the ports, bound ones too: portroom check, or "
			"portroom list --by state,process; and who has thousands of handles. Where "
			"portroom is not to be had: netstat -anoq, or Get-NetTCPConnection grouped "
			"by state and owner."),
		.command =
			"portroom list --by state,process; portroom handles; portroom explain "
			"windows_ran_out",
		.source = ARTICLE,
	},
	{
		.name = "WSAEADDRINUSE",
		.aliases =
			"only one usage of each socket address (protocol/network address/port) is "
			"normally permitted",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_MAYBE,
		.code = 10048,
		.title = N_("Only one usage of each socket address is normally permitted"),
		.meaning = N_(
			"From bind(): somebody has that port. From connect(): the chosen port "
			"was used towards the same destination a short time ago."),
		.tell = N_(
			"From connect(), with event 4227, it is too many connections in a row to "
			"one destination. From bind() with a port number it is a conflict."),
		.next = N_(
			"See which destination collects TIME_WAIT; keep connections to it open."),
		.command = "portroom list --state time_wait --by dst; portroom explain "
			   "windows_time_wait",
		.source = ARTICLE,
	},
	{
		.name = "WSAEACCES",
		.aliases =
			"an attempt was made to access a socket in a way forbidden by its access "
			"permissions",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_NO,
		.code = 10013,
		.title = N_("access to the port is forbidden"),
		.meaning =
			N_("bind() asked for a port inside an excluded range, or for one that "
			   "another socket holds exclusively."),
		.tell = N_(
			"Not exhaustion: a usual false alarm. Hyper-V, WSL and Docker reserve "
			"ranges at start, which move with every reboot."),
		.next = N_(
			"List them: netsh int ipv4 show excludedportrange tcp. Take a port outside, "
			"or reserve yours before they start."),
		.command = "portroom range show",
		.source = CODES,
	},
	{
		.name = "WSAEADDRNOTAVAIL",
		.aliases = "the requested address is not valid in its context",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_NO,
		.code = 10049,
		.title = N_("The requested address is not valid in its context"),
		.meaning = N_(
			"The address is not one of this machine's, or port 0 was given as a "
			"destination."),
		.tell = N_(
			"Not exhaustion: Windows reports that as 10055, Linux as EADDRNOTAVAIL."),
		.next = N_("Check the address that the program binds or connects to."),
		.source = CODES,
	},
	{
		.name = "WSAEMFILE",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_NO,
		.code = 10024,
		.title = N_("Too many open sockets"),
		.meaning = N_("The process can get no further socket handle."),
		.tell = N_("Handles, not ports; a program that leaks sockets loses both."),
		.next = N_("Look at the process's handle count over time."),
		.command = "portroom handles --sample 60s",
		.source = CODES,
	},
	{
		.name = "WSAETIMEDOUT",
		.aliases =
			"a connection attempt failed because the connected party did not properly "
			"respond after a period of time",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_ELSEWHERE,
		.code = 10060,
		.title = N_("Connection timed out"),
		.meaning = N_("The peer did not answer in time."),
		.tell = N_(
			"The connect had a port. A NAT gateway on the way may have none left."),
		.next = N_("Test from the other side of the gateway."),
		.source = CODES,
	},
	{
		.name = "WSAECONNREFUSED",
		.aliases =
			"no connection could be made because the target machine actively refused it",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_NO,
		.code = 10061,
		.title = N_("Connection refused"),
		.meaning = N_("Nobody listens on that port of the target."),
		.tell = N_("Not ports: the connect had one, and the peer said no."),
		.next = N_(
			"See whether the service runs and listens on that address and port."),
		.source = CODES,
	},
	{
		.name = "WSAECONNRESET",
		.aliases = "an existing connection was forcibly closed by the remote host",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_NO,
		.code = 10054,
		.title = N_("An existing connection was forcibly closed by the remote host"),
		.meaning = N_(
			"The peer, or a box on the way, ended the connection with a reset."),
		.tell = N_(
			"Not ports of this machine; a server that has run out of them may drop its "
			"clients so."),
		.next = N_("Look at the server's log at the same time."),
		.source = CODES,
	},
	{
		.name = "WSAECONNABORTED",
		.aliases =
			"an established connection was aborted by the software in your host machine",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_NO,
		.code = 10053,
		.title = N_("An established connection was aborted by this machine"),
		.meaning =
			N_("Data could not be delivered in time, or software here ended the "
			   "connection."),
		.tell = N_("The call had a port, or did not come to need one."),
		.next = N_("Look for packet loss and for filters on this machine."),
		.source = CODES,
	},
	{
		.name = "WSAENETUNREACH",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_NO,
		.code = 10051,
		.title = N_("Network is unreachable"),
		.meaning = N_("There is no route to the destination."),
		.tell = N_("The call had a port, or did not come to need one."),
		.next = N_("Look at route print."),
		.source = CODES,
	},
	{
		.name = "WSAEHOSTUNREACH",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_NO,
		.code = 10065,
		.title = N_("No route to host"),
		.meaning =
			N_("The next hop or a filter says that the host cannot be reached."),
		.tell = N_("The call had a port, or did not come to need one."),
		.next = N_("Look at route print."),
		.source = CODES,
	},
	{
		.name = "WSAEWOULDBLOCK",
		.kind = TOPIC_WINSOCK,
		.exhaustion = EXHAUSTION_NO,
		.code = 10035,
		.title = N_("Resource temporarily unavailable"),
		.meaning = N_("A non-blocking call would have to wait."),
		.tell = N_("Ordinary; not an error."),
		.next = N_("Wait until the socket is ready."),
		.source = CODES,
	},
	{ 0 },
};
