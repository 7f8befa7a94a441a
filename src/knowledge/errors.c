#include "base/language.h"
#include "knowledge/topic.h"

/*
 * Numbers: Linux include/uapi/asm-generic/errno-base.h and errno.h. Which call reports which when
 * the ports are used up was measured on 6.18; the places in the source are those of 6.12.
 */
#define ROOM "portroom room DST:PORT; portroom check"

const struct topic topics_errors[] = {
	{
		.name = "EADDRNOTAVAIL",
		.aliases = "cannot assign requested address|can't assign requested address|"
			   "address not available",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_LIKELY,
		.code = 99,
		.title = N_("Cannot assign requested address"),
		.meaning =
			N_("From connect(): no local port was free for this destination. From "
			   "bind(): the address is not one of this host's."),
		.tell = N_(
			"Exhaustion if connect() reports it and other destinations still work, or "
			"if it comes and goes under load. Not exhaustion if bind() reports it, if "
			"it fails every time for an IPv6 destination (this host has no IPv6 "
			"address), or if the program chooses its source port itself."),
		.next = N_(
			"Ask how many connects to that destination would succeed now, then let "
			"check name who took the ports."),
		.command = ROOM,
		.source = "Linux net/ipv4/inet_hashtables.c, __inet_hash_connect(); bind(2)",
	},
	{
		.name = "EADDRINUSE",
		.aliases = "address already in use|address in use",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_MAYBE,
		.code = 98,
		.title = N_("Address already in use"),
		.meaning = N_(
			"bind() or listen() did not get the port. With a port number: somebody "
			"has that port. With port 0: no port of the ephemeral range was free "
			"on that address."),
		.tell = N_(
			"Exhaustion only if the program asked for port 0 (a source address without "
			"a port) or called listen() without bind(). A named port means a conflict: "
			"another process listens there, or an old connection is still in "
			"TIME_WAIT and SO_REUSEADDR is not set."),
		.next = N_(
			"For port 0, ask for the room of that address; for a named port, see who "
			"holds it."),
		.command =
			"portroom room --bind ADDR; portroom list --port N; portroom trace; "
			"portroom explain bind_pool_full",
		.source =
			"Linux net/ipv4/inet_connection_sock.c, inet_csk_get_port(); bind(2)",
	},
	{
		.name = "EAGAIN",
		.aliases = "EWOULDBLOCK|resource temporarily unavailable",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_MAYBE,
		.code = 11,
		.title = N_("Resource temporarily unavailable"),
		.meaning = N_(
			"Of a socket: the call would have to wait. From connect() or send on a "
			"UDP socket without a port: no UDP port was free."),
		.tell = N_(
			"Exhaustion only for UDP sockets that have no port yet. On TCP, and on a "
			"socket that has a port, it is ordinary: a buffer is full or empty."),
		.next = N_("Look at the UDP pool, which all destinations share."),
		.command =
			"portroom room --udp DST:PORT; portroom trace --udp; portroom explain "
			"udp_pool_full",
		.source = "Linux net/ipv4/af_inet.c, inet_autobind()",
	},
	{
		.name = "EAI_AGAIN",
		.aliases = "temporary failure in name resolution",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_MAYBE,
		.title = N_("Temporary failure in name resolution"),
		.meaning = N_(
			"Error -3 of getaddrinfo(): no DNS server gave an answer. A query is "
			"sent from a UDP port of its own."),
		.tell = N_(
			"The first sign where UDP ports have run out: the resolver gets EAGAIN "
			"from connect() or send, for every name, and TCP to addresses still "
			"works. If the UDP pool has room, it is the DNS server or the way to it."),
		.next = N_("Ask for the room of UDP towards the server in /etc/resolv.conf."),
		.command = "portroom room --udp DNS:53; portroom explain udp_pool_full",
		.source = "getaddrinfo(3); Linux net/ipv4/af_inet.c, inet_autobind()",
	},
	{
		.name = "EMFILE",
		.aliases = "too many open files",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 24,
		.title = N_("Too many open files"),
		.meaning =
			N_("The process has as many descriptors as its limit (RLIMIT_NOFILE) "
			   "allows; sockets are descriptors."),
		.tell = N_(
			"Not ports: descriptors. Yet a program that leaks sockets runs out of "
			"both, and meets the smaller limit first."),
		.next = N_(
			"See whether sockets make up the descriptors, and in which state. Raise "
			"LimitNOFILE only if they are in use."),
		.command =
			"portroom list --by process,state; portroom explain descriptor_limit",
		.source = "socket(2), getrlimit(2)",
	},
	{
		.name = "ENFILE",
		.aliases = "too many open files in system",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 23,
		.title = N_("Too many open files in system"),
		.meaning =
			N_("The whole system has as many open files as fs.file-max allows."),
		.tell = N_("Not ports: open files of the whole machine."),
		.next = N_(
			"See who has most sockets; raise fs.file-max only if they are in use."),
		.command = "portroom list --by process; portroom explain descriptor_limit",
		.source = "socket(2); Linux Documentation/admin-guide/sysctl/fs.rst",
	},
	{
		.name = "ENOBUFS",
		.aliases = "no buffer space available",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 105,
		.title = N_("No buffer space available"),
		.meaning = N_("The kernel had no memory or no queue space for the packet."),
		.tell = N_("On Linux never a lack of ports. On Windows the same words are "
			   "WSAENOBUFS (10055), which often is one."),
		.next = N_(
			"Look at socket memory (net.ipv4.tcp_mem, net.ipv4.udp_mem) and at the "
			"queue of the interface."),
		.source = "send(2)",
	},
	{
		.name = "ENOMEM",
		.aliases = "cannot allocate memory",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 12,
		.title = N_("Cannot allocate memory"),
		.meaning = N_(
			"The kernel or a memory limit of the control group refused memory."),
		.tell = N_("The call had a port, or did not come to need one."),
		.next = N_("Look at free memory and at the limit of the unit or container."),
		.source = "socket(2)",
	},
	{
		.name = "ETIMEDOUT",
		.aliases = "connection timed out|operation timed out|i/o timeout",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_ELSEWHERE,
		.code = 110,
		.title = N_("Connection timed out"),
		.meaning = N_(
			"The peer did not answer: the connect got a local port and its packets "
			"went unanswered."),
		.tell = N_(
			"It can be a NAT gateway on the way that has no port or no conntrack "
			"entry left, a filter, or a dead peer. Meanwhile each "
			"attempt holds a port in SYN_SENT."),
		.next = N_("See whether many ports hang in SYN_SENT; give the program a short "
			   "connect timeout; on the gateway look at conntrack -S."),
		.command = "portroom list --state syn_sent --by dst; portroom explain "
			   "syn_sent_blackhole",
		.source = "connect(2); Linux net/netfilter/nf_nat_core.c",
	},
	{
		.name = "ECONNREFUSED",
		.aliases = "connection refused",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 111,
		.title = N_("Connection refused"),
		.meaning = N_(
			"The peer answered with a reset: nobody listens there, or its queue "
			"rejects."),
		.tell = N_("Not ports: the connect had one, and the peer said no."),
		.next = N_(
			"See whether the service runs and listens on that address and port."),
		.source = "connect(2)",
	},
	{
		.name = "ECONNRESET",
		.aliases = "connection reset by peer|connection reset",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 104,
		.title = N_("Connection reset by peer"),
		.meaning = N_(
			"The peer, or a box on the way, ended the connection with a reset."),
		.tell = N_("Not ports. In pools it often means that the server closed an idle "
			   "connection first."),
		.next = N_("Make the pool's idle limit shorter than the server's."),
		.source = "read(2), send(2)",
	},
	{
		.name = "ECONNABORTED",
		.aliases = "software caused connection abort|connection aborted",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 103,
		.title = N_("Software caused connection abort"),
		.meaning = N_(
			"The connection was ended on this side: by ss -K (SOCK_DESTROY), or "
			"before accept() took it."),
		.tell = N_("Not ports. It appears where somebody freed ports by ss -K."),
		.next = N_("The program should open a new connection."),
		.source = "Linux net/ipv4/tcp.c, tcp_abort(); accept(2)",
	},
	{
		.name = "EPERM",
		.aliases = "operation not permitted",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_MAYBE,
		.code = 1,
		.title = N_("Operation not permitted"),
		.meaning =
			N_("From send on a UDP socket: a netfilter rule, or NAT on this host, "
			   "dropped the packet."),
		.tell = N_(
			"Not this host's ephemeral ports. On a host that does NAT it is what used "
			"up NAT ports or a full conntrack table look like."),
		.next = N_(
			"Look at conntrack -S: insert_failed with drop means NAT ports, drop "
			"alone with a full count means the table."),
		.source = "Linux net/ipv4/netfilter; sendto(2)",
	},
	{
		.name = "EACCES",
		.aliases = "permission denied",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 13,
		.title = N_("Permission denied"),
		.meaning =
			N_("bind() to a port below net.ipv4.ip_unprivileged_port_start needs "
			   "CAP_NET_BIND_SERVICE; or a security module forbids the call."),
		.tell = N_("The call had a port, or did not come to need one."),
		.next = N_("Give the service the capability, or a higher port."),
		.command = "portroom range show",
		.source = "bind(2), ip(7)",
	},
	{
		.name = "EINVAL",
		.aliases = "invalid argument",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 22,
		.title = N_("Invalid argument"),
		.meaning = N_("From bind(): the socket has an address already. From writing "
			      "ip_local_port_range: the range is backwards, or begins below "
			      "net.ipv4.ip_unprivileged_port_start."),
		.tell = N_("The call had a port, or did not come to need one."),
		.next = N_("Check the arguments of the call, or the bounds of the range."),
		.command = "portroom range show",
		.source = "bind(2); Linux net/ipv4/sysctl_net_ipv4.c, ipv4_local_port_range()",
	},
	{
		.name = "ENETUNREACH",
		.aliases = "network is unreachable|network unreachable",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 101,
		.title = N_("Network is unreachable"),
		.meaning = N_("There is no route to the destination."),
		.tell = N_("Not ports: the call ended before it asked for one."),
		.next = N_(
			"Ask ip route get ADDRESS; for IPv6 destinations see whether this host "
			"has IPv6 at all."),
		.source = "connect(2)",
	},
	{
		.name = "EHOSTUNREACH",
		.aliases = "no route to host|host is unreachable",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 113,
		.title = N_("No route to host"),
		.meaning =
			N_("The next hop or a filter says that the host cannot be reached."),
		.tell = N_(
			"Not ports. But Java calls EADDRNOTAVAIL a NoRouteToHostException: read "
			"the words behind it."),
		.next = N_("Look at the neighbour table and at the peer's filter."),
		.source = "connect(2)",
	},
	{
		.name = "EINPROGRESS",
		.aliases = "operation now in progress",
		.kind = TOPIC_ERROR,
		.exhaustion = EXHAUSTION_NO,
		.code = 115,
		.title = N_("Operation now in progress"),
		.meaning = N_("A non-blocking connect() has begun. It has its port already."),
		.tell = N_(
			"Not an error. In logs it stands for a timeout: the answer did not come."),
		.next = N_("Read the socket's error (SO_ERROR) once it is writable."),
		.source = "connect(2)",
	},
	{ 0 },
};
