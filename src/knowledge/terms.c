#include "base/language.h"
#include "knowledge/topic.h"

/* Socket options: ip(7), socket(7). What they do to ports was measured on Linux 6.18. */
#define ROOM_COMMAND "portroom room DST:PORT"

const struct topic topics_terms[] = {
	{
		.name = "ephemeral port",
		.aliases =
			"ephemeral|ephemeral ports|dynamic port|dynamic ports|local port|临时端口",
		.kind = TOPIC_TERM,
		.title = N_("a port that the system chooses"),
		.meaning = N_(
			"A program that connects, or binds to port 0, gets one from the "
			"ephemeral range: 32768 to 60999 on Linux, 49152 to 65535 on Windows, "
			"unless it was changed."),
		.next = N_("See the range and who sits in it."),
		.command = "portroom range show",
		.source = "ip(7), ip_local_port_range",
	},
	{
		.name = "port exhaustion",
		.aliases = "exhaustion|out of ports|端口耗尽",
		.kind = TOPIC_TERM,
		.title = N_("no local port is left for a call"),
		.meaning = N_(
			"For connect() the limit is one port per source address, destination "
			"address and destination port; for bind() to port 0 one per address; "
			"for UDP one per namespace. So one destination can be exhausted while "
			"all others work."),
		.next = N_(
			"Let portroom say whether a limit is near, and who took the ports."),
		.command = "portroom check",
		.source = "Linux net/ipv4/inet_hashtables.c, inet_connection_sock.c, udp.c",
		.on_windows =
			&(const struct topic){
				.meaning = N_(
					"Windows has a range for TCP and one for UDP, of IPv4 and of IPv6. "
					"bind() takes a port from everybody else; connect() may share one "
					"between destinations since Windows 10 and Server 2016."),
				.source =
					"learn.microsoft.com, Troubleshoot port exhaustion issues",
			},
	},
	{
		.name = "4-tuple",
		.aliases = "tuple|four-tuple|5-tuple|四元组",
		.kind = TOPIC_TERM,
		.title = N_("what makes a connection unique"),
		.meaning = N_(
			"Source address and port, destination address and port. Two connections "
			"may share a local port if anything else differs."),
		.next = N_("Count ports per destination, not in total."),
		.command = "portroom list --by dst,state",
		.source = "RFC 9293",
	},
	{
		.name = "reserved ports",
		.aliases = "reserved port|保留端口",
		.kind = TOPIC_TERM,
		.title = N_("ports that the system never chooses"),
		.meaning = N_(
			"Listed in net.ipv4.ip_local_reserved_ports. connect() and bind() to "
			"port 0 skip them; a program may still name them."),
		.next = N_("Reserve ports of services that lie in the ephemeral range."),
		.command = "portroom range show",
		.source = "Linux Documentation/networking/ip-sysctl.rst",
	},
	{
		.name = "network namespace",
		.aliases = "netns|namespace|网络命名空间",
		.kind = TOPIC_TERM,
		.title = N_("a network of its own, as containers have"),
		.meaning = N_(
			"Each has its own ports, range and settings. A container can be out of "
			"ports while the host has thousands."),
		.next = N_("check looks into every one that it can enter; room asks in one."),
		.command = "portroom check --netns all",
		.source = "network_namespaces(7)",
	},
	{
		.name = "bind-owned port",
		.aliases = "bind-owned|connect-owned|connect-owned port|bind before connect",
		.kind = TOPIC_TERM,
		.title = N_("a port that bind() took"),
		.meaning = N_(
			"Ports that connect() chose are shared between destinations. A port with "
			"one owner from bind(), listen() or accept() is skipped by every "
			"connect() of the namespace, of both address families."),
		.next = N_(
			"Set IP_BIND_ADDRESS_NO_PORT where a program binds a source address before "
			"it connects."),
		.command = "portroom explain bind_pool_full",
		.source = "Linux net/ipv4/inet_hashtables.c, __inet_hash_connect()",
	},
	{
		.name = "IP_BIND_ADDRESS_NO_PORT",
		.kind = TOPIC_TERM,
		.title = N_("bind an address now, choose the port at connect()"),
		.meaning = N_(
			"With it, bind(addr, 0) takes no port; connect() chooses one for its "
			"destination. The limit becomes one range per destination instead of "
			"one per address, and TIME_WAIT may be reused."),
		.next = N_(
			"Set it before bind() in clients with a source address. nginx and HAProxy "
			"do so by themselves."),
		.useless = N_("It does nothing for a bind() that names its port."),
		.source = "ip(7), since Linux 4.2",
	},
	{
		.name = "IP_LOCAL_PORT_RANGE",
		.kind = TOPIC_TERM,
		.title = N_("an ephemeral range for one socket"),
		.meaning =
			N_("The part of the system's range that this socket may use. It keeps "
			   "programs out of each other's way."),
		.next = N_("Ask with the socket's own range."),
		.command = "portroom room DST:PORT --port-range A-B; portroom explain "
			   "socket_range_full",
		.useless =
			N_("It adds no port: bounds outside the system's range are ignored."),
		.source = "ip(7), since Linux 6.3",
	},
	{
		.name = "SO_REUSEADDR",
		.kind = TOPIC_TERM,
		.title = N_("lets a server bind over TIME_WAIT"),
		.meaning = N_(
			"bind() to a named port succeeds although old connections of it wait in "
			"TIME_WAIT."),
		.next = N_("Right for servers that restart."),
		.useless = N_(
			"It gives no further port to connect() or to bind() with port 0 on TCP. "
			"On UDP it lets strangers share a port."),
		.source = "socket(7)",
	},
	{
		.name = "SO_REUSEPORT",
		.kind = TOPIC_TERM,
		.title = N_("several sockets listen on one port"),
		.meaning = N_("For servers with many workers of one user."),
		.next = N_("Not a remedy; look at the destination that is full."),
		.useless = N_(
			"It gives no further port to connect() or to bind() with port 0 on TCP. "
			"On UDP it lets strangers share a port."),
		.source = "socket(7)",
	},
	{
		.name = "SO_LINGER",
		.aliases = "SO_LINGER 0|linger",
		.kind = TOPIC_TERM,
		.title = N_("close by reset"),
		.meaning = N_(
			"With a linger time of 0, close() sends a reset: no TIME_WAIT follows."),
		.next = N_("Only for connections whose data does not matter, such as probes."),
		.useless = N_(
			"It is no clean end: unsent data is lost and the peer sees an error."),
		.source = "socket(7)",
	},
	{
		.name = "SO_REUSE_UNICASTPORT",
		.aliases = "AutoReusePortRange|auto-reuse|SO_PORT_SCALABILITY",
		.kind = TOPIC_TERM,
		.title = N_(
			"Windows: choose the port at connect(), share it between destinations"),
		.meaning = N_(
			"With it, or with connect() without bind(), more connections than the "
			"range has ports are possible, to different destinations."),
		.next = N_("Set it in clients that bind a source address; .NET: "
			   "ServicePointManager.ReusePort."),
		.source = "learn.microsoft.com, SOL_SOCKET Socket Options",
	},
	{
		.name = "SNAT",
		.aliases = "NAT|masquerade|NAT gateway|SNAT exhaustion",
		.kind = TOPIC_TERM,
		.exhaustion = EXHAUSTION_ELSEWHERE,
		.title = N_("a gateway gives your connections its own address and ports"),
		.meaning = N_(
			"The gateway has one range per own address, destination address and "
			"port. When it is used up, clients see timeouts, never EADDRNOTAVAIL."),
		.tell = N_(
			"This host's ports are not the limit then: room stays high while connects "
			"time out."),
		.next = N_(
			"On a Linux gateway: conntrack -S, where insert_failed grows. Add addresses "
			"to the gateway."),
		.command = ROOM_COMMAND,
		.source = "Linux net/netfilter/nf_nat_core.c",
	},
	{
		.name = "conntrack",
		.aliases = "nf_conntrack|connection tracking",
		.kind = TOPIC_TERM,
		.title = N_("the table of connections that netfilter keeps"),
		.meaning = N_(
			"A full table drops packets of new connections. It is another limit than "
			"ports, with the same look for clients: timeouts."),
		.next = N_("Compare net.netfilter.nf_conntrack_count with nf_conntrack_max."),
		.command = "portroom explain conntrack_full",
		.source = "Linux net/netfilter/nf_conntrack_core.c",
	},
	{
		.name = "keep-alive",
		.aliases = "keepalive|HTTP keep-alive|persistent connection|长连接",
		.kind = TOPIC_TERM,
		.title = N_("use one connection for many requests"),
		.meaning = N_(
			"The first remedy: each kept connection saves a port that would rest in "
			"TIME_WAIT for 60 s. TCP keepalive (SO_KEEPALIVE) is something else: it "
			"finds dead peers."),
		.next = N_(
			"Switch it on in the client and let the server keep idle connections "
			"longer than the client does."),
		.source = "RFC 9112, 9.3",
	},
	{
		.name = "connection pool",
		.aliases = "pool|pooling|连接池",
		.kind = TOPIC_TERM,
		.title = N_("connections kept open and lent out"),
		.meaning = N_(
			"Holds as many ports as it has connections, however many requests run. "
			"Its limit must be below the room of the destination."),
		.next = N_(
			"One pool per process, not per request; close idle connections before the "
			"server does."),
		.command = ROOM_COMMAND,
		.source = "RFC 9112, 9.3",
	},
	{
		.name = "memory dump",
		.aliases = "memory-dump|crash dump|MEMORY.DMP|kernel dump|minidump|内存转储",
		.kind = TOPIC_TERM,
		.title = N_("the memory of a Windows machine as a file"),
		.meaning = N_(
			"A complete or active dump has every socket and handle, and what drivers "
			"hold. Where ports are gone and no process has them, a driver leaks them, and "
			"only such a dump can tell. A kernel, automatic or live dump has the number of "
			"handles of each process, a small one neither; a minidump is of one process."),
		.next = N_(
			"Take it while ports are short: portroom explain complete-dump. Have its "
			"sockets and handles printed by volatility 3: vol -f MEMORY.DMP "
			"windows.netscan >netscan.txt; vol -f MEMORY.DMP windows.handles "
			">handles.txt. Or by MemProcFS, -device MEMORY.DMP -forensic 1: "
			"forensic/csv/net.csv, handles.csv. Of one process procdump -ma PID is "
			"enough."),
		.command = "portroom check --on netscan.txt --on handles.txt",
		.useless = N_(
			"A small dump (C:\\Windows\\Minidump) has no ports. It is not needed where "
			"netstat -anoq or handle.exe shows a process that has them."),
		.source =
			"volatility3 layers/crash.py; ufrisk/MemProcFS; learn.microsoft.com, "
			"Varieties of Kernel-Mode Dump Files",
	},
	{
		.name = "complete dump",
		.aliases =
			"complete-dump|complete memory dump|active dump|take a dump|完整内存转储",
		.kind = TOPIC_TERM,
		.title = N_("how to take a memory dump of a whole Windows machine"),
		.meaning = N_(
			"Beforehand, with a restart: CrashDumpEnabled 1 in HKLM\\SYSTEM\\"
			"CurrentControlSet\\Control\\CrashControl, and FilterPages 1 for an active one, "
			"which leaves unused memory out; a page file on the system drive as large as "
			"the memory plus 257 MB, or a DedicatedDumpFile."),
		.next = N_(
			"When ports are gone again, crash the machine: NotMyFault, an NMI, or twice "
			"Scroll Lock with the right Ctrl held, if CrashOnCtrlScroll is 1 below "
			"Services\\kbdhid\\Parameters. Without a crash: livekd64 -o MEMORY.DMP; of a "
			"virtual machine virsh dump --memory-only --format win-dmp, or the .vmem of a "
			"snapshot of VMware. It holds passwords and keys: mind who gets it."),
		.command = "portroom explain memory-dump",
		.useless = N_("A dump that was taken after a restart shows nothing. Task "
			      "Manager's live dump is of the kernel: no ports."),
		.source =
			"learn.microsoft.com, Generate a kernel or complete crash dump; Determine "
			"the appropriate page file size; Forcing a System Crash from the "
			"Keyboard; Sysinternals LiveKd",
	},
	{ 0 },
};
