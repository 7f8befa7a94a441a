#include "knowledge/messages.h"

#include "base/language.h"
#include "knowledge/programs.h"

#define REUSE (1U << ADVICE_KEEP_ALIVE)
#define CLOSE (1U << ADVICE_CLOSE)
#define SOURCE (1U << ADVICE_SOURCE)
#define NO_PORT (1U << ADVICE_BIND_NO_PORT)
#define TIMEOUT (1U << ADVICE_TIMEOUT)
#define OUT_OF_PORTS (REUSE | SOURCE)

#define CONNECT                                                                                \
	N_("connect() found no free local port for this destination. If it fails every time, " \
	   "even without load, and the destination is IPv6 or localhost, this host lacks an "  \
	   "IPv6 address instead.")
#define LOOPBACK6                                                                             \
	N_("First see whether this host has ::1 (ip address show lo): without it every "      \
	   "connect to it fails. With it, no local port was free.")
#define NO_ADDRESS                                                                            \
	N_("This host has no address to reach that destination from. A lack of UDP ports is " \
	   "EAGAIN on Linux.")
#define RESOLVER                                                                                \
	N_("Name resolution failed for the moment. A query needs a UDP port: look whether the " \
	   "UDP pool is used up; else it is the DNS server.")
#define UDP_POOL N_("No UDP port was free. All destinations share one pool.")
#define CONFLICT                                                                               \
	N_("A service wanted a certain port that another process has, or that still waits in " \
	   "TIME_WAIT. A conflict about one port, no lack of ports.")
#define NOT_LOCAL                                                                              \
	N_("A service wanted to bind an address that is not one of this host's (or not yet). " \
	   "No lack of ports.")
#define SOURCE_BIND                                                                           \
	N_("The program binds a source address before it connects. Without a port number it " \
	   "means that no port is left on that address; with one, that the port is taken.")
#define TRACE                                                                                  \
	N_("The exception does not tell which call failed: look in the trace for connect (no " \
	   "port was free) or bind (the address is not local).")
#define DESCRIPTORS N_("Descriptors have run out, not ports; a leak of sockets takes both.")
#define SILENT                                                                                \
	N_("The connect had a port and no answer came: the peer, a filter, or a NAT gateway " \
	   "without free ports.")
#define BACKLOG                                                                               \
	N_("The service behind that Unix socket does not keep up: its queue of waiting "      \
	   "connections is full (listen.backlog and pm.max_children of php-fpm, "             \
	   "net.core.somaxconn). No port is involved.")
#define REFUSED N_("The peer was reached and nobody listens there. No lack of ports.")
#define SERVER_LIMIT                                                                           \
	N_("The server's own limit on clients, not ports. Clients that pool connections need " \
	   "fewer.")
#define POOL_EMPTY                                                                            \
	N_("The program's own connection pool is empty: all are lent out, or never given "    \
	   "back. Not ports.")
#define EXCLUDED                                                                              \
	N_("The port lies in a range that Windows has reserved (Hyper-V, WSL). No lack of "   \
	   "ports.")
#define WINDOWS_CHURN                                                                         \
	N_("On Windows, connect() got a port that was used towards the same destination a "   \
	   "short time ago: too many short connections to it.")
#define WINDOWS_EMPTY                                                                         \
	N_("On Windows, no ephemeral port was free; event 4231 in the System log confirms it.")
#define CONNTRACK_FULL                                                                        \
	N_("The conntrack table is full and packets are dropped. Another limit than ports; "  \
	   "connects time out.")

/* What to ask portroom then. */
#define ROOM "portroom room DST:PORT; portroom check"
#define HOLDER "portroom list --port N"
#define BIND_ROOM "portroom room --bind ADDR; portroom explain bind_pool_full"
#define UDP_ROOM "portroom room --udp DST:PORT; portroom explain udp_pool_full"
#define DNS_ROOM "portroom room --udp DNS:53; portroom explain udp_pool_full"
#define LIMITS "portroom explain descriptor_limit"
#define WAITING "portroom list --state syn_sent --by dst; portroom explain syn_sent_blackhole"

const struct message messages[] = {
	/* The kernel's log. Linux net/netfilter/nf_conntrack_core.c, net/ipv4/tcp.c,
	 * net/ipv4/tcp_timer.c, net/ipv4/sysctl_net_ipv4.c, net/core/neighbour.c, fs/file_table.c */
	{ "kernel", "conntrack: table full", "conntrack", EXHAUSTION_NO, CONNTRACK_FULL, 0,
	  "portroom explain conntrack_full", .kernel = "conntrack_full" },
	{ "kernel", "time wait bucket table overflow", "net.ipv4.tcp_max_tw_buckets",
	  EXHAUSTION_MAYBE,
	  N_("There were more TIME_WAIT than tcp_max_tw_buckets, so the rest was dropped, which "
	     "frees ports. It shows many short connections, on the side that closes first. "
	     "Newer kernels only count it: TCPTimeWaitOverflow."),
	  0, "portroom explain time_wait_overflow", .kernel = "time_wait_overflow" },
	{ "kernel", "too many orphaned sockets", "net.ipv4.tcp_max_orphans", EXHAUSTION_NO,
	  N_("Connections that programs have closed wait for peers that do not read. A limit on "
	     "memory, not on ports."),
	  0, .kernel = "orphans" },
	{ "kernel", "consider tuning tcp_mem", "ENOBUFS", EXHAUSTION_NO,
	  N_("TCP has used up its memory (net.ipv4.tcp_mem). Not ports."), 0,
	  .kernel = "tcp_memory" },
	/* Older kernels have one line for both of the above. */
	{ "kernel", "out of socket memory", "ENOBUFS", EXHAUSTION_NO,
	  N_("TCP has used up its memory (net.ipv4.tcp_mem), or too many connections that "
	     "programs have closed wait for their peers (net.ipv4.tcp_max_orphans). Not ports."),
	  0, .kernel = "tcp_memory" },
	{ "kernel", "possible syn flooding on port", "net.core.somaxconn", EXHAUSTION_NO,
	  N_("A service gets more connects than it accepts. About incoming connections, not "
	     "about ports."),
	  0, .kernel = "syn_flood" },
	{ "kernel", "prefer different parity for start/end", "net.ipv4.ip_local_port_range",
	  EXHAUSTION_NO,
	  N_("The range was set to an odd number of ports. It works, but one port may be left "
	     "out, and connect() and bind() share the halves unevenly."),
	  0, "portroom range show; portroom explain range_odd", .kernel = "odd_range" },
	{ "kernel", "neighbor table overflow", NULL, EXHAUSTION_NO,
	  N_("The table of neighbours (ARP) is full: net.ipv4.neigh.default.gc_thresh3. Not "
	     "ports."),
	  0, .kernel = "neighbour_full" },
	/* Older kernels (net/ipv4/route.c, net/ipv6/route.c) spell it so. */
	{ "kernel", "neighbour table overflow", NULL, EXHAUSTION_NO,
	  N_("The table of neighbours (ARP) is full: net.ipv4.neigh.default.gc_thresh3. Not "
	     "ports."),
	  0, .kernel = "neighbour_full" },
	{ "kernel", "vfs: file-max limit", "ENFILE", EXHAUSTION_NO, DESCRIPTORS, 0, LIMITS,
	  .kernel = "file_max" },

	{ "nginx", "connect() to [::1]:|failed (99:", "EADDRNOTAVAIL", EXHAUSTION_MAYBE,
	  LOOPBACK6, OUT_OF_PORTS, ROOM },
	{ "nginx", "connect() to |failed (99:", "EADDRNOTAVAIL", EXHAUSTION_LIKELY, CONNECT,
	  OUT_OF_PORTS, ROOM },
	{ "nginx", "bind() to |failed (98:", "EADDRINUSE", EXHAUSTION_NO, CONFLICT, 0,
	  HOLDER },
	{ "nginx", "bind() to |failed (99:", "EADDRNOTAVAIL", EXHAUSTION_NO, NOT_LOCAL, 0 },
	{ "nginx", "bind(|failed (98:|upstream", "EADDRINUSE", EXHAUSTION_LIKELY, SOURCE_BIND,
	  OUT_OF_PORTS | NO_PORT, BIND_ROOM },
	{ "nginx", "bind(|failed (99:|upstream", "EADDRNOTAVAIL", EXHAUSTION_NO, NOT_LOCAL,
	  0 },
	{ "nginx", "upstream timed out (110:|while connecting", "ETIMEDOUT",
	  EXHAUSTION_ELSEWHERE, SILENT, TIMEOUT, WAITING },
	{ "nginx", "failed (24: too many open files)", "EMFILE", EXHAUSTION_NO,
	  N_("Descriptors have run out in an nginx worker, not ports. Set worker_rlimit_nofile "
	     "above worker_connections; a request that is passed on takes two."),
	  0, LIMITS },
	{ "nginx", "connect() to unix:|failed (11:", "EAGAIN", EXHAUSTION_NO, BACKLOG, 0 },
	{ "nginx", "connect() failed (111:", "ECONNREFUSED", EXHAUSTION_NO, REFUSED, 0 },
	{ "nginx", "worker_connections are not enough", NULL, EXHAUSTION_NO,
	  N_("nginx's own limit on connections per worker (worker_connections), not ports."),
	  0 },
	{ "nginx", "no live upstreams", NULL, EXHAUSTION_MAYBE,
	  N_("A consequence: all servers of the upstream had failed. The lines before say why; "
	     "look for (99: there."),
	  REUSE },

	{ "HAProxy", "connect() failed for|no free ports", "EADDRNOTAVAIL", EXHAUSTION_LIKELY,
	  CONNECT, OUT_OF_PORTS | NO_PORT, ROOM },
	{ "HAProxy", "connect() failed for|local address already in use", "EADDRINUSE",
	  EXHAUSTION_LIKELY, SOURCE_BIND, OUT_OF_PORTS | NO_PORT, BIND_ROOM },
	{ "HAProxy", "cannot bind socket (address already in use)", "EADDRINUSE",
	  EXHAUSTION_NO, CONFLICT, 0, HOLDER },

	{ "Envoy", "immediate connect error: 99", "EADDRNOTAVAIL", EXHAUSTION_LIKELY, CONNECT,
	  OUT_OF_PORTS | NO_PORT, ROOM },
	{ "Envoy", "immediate connect error|cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS | NO_PORT, ROOM },
	{ "Envoy", "delayed connect error: 111", "ECONNREFUSED", EXHAUSTION_NO, REFUSED, 0 },
	{ "Envoy", "upstream connect error or disconnect/reset before headers", NULL,
	  EXHAUSTION_MAYBE,
	  N_("Envoy could not use a connection to the upstream; the reason stands behind "
	     "'transport failure reason' or in its debug log."),
	  REUSE },

	{ "Apache httpd", "(99)cannot assign requested address|attempt to connect",
	  "EADDRNOTAVAIL", EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS, ROOM },
	{ "Apache httpd", "make_sock: could not bind to address", "EADDRINUSE", EXHAUSTION_NO,
	  CONFLICT, 0, HOLDER },
	{ "ab", "apr_socket_connect()|cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, REUSE, ROOM },

	{ "Squid", "commbind: cannot bind socket|(98) address already in use", "EADDRINUSE",
	  EXHAUSTION_MAYBE, SOURCE_BIND, OUT_OF_PORTS, BIND_ROOM },
	{ "Squid", "commbind: cannot bind socket|(99) cannot assign", "EADDRNOTAVAIL",
	  EXHAUSTION_NO, NOT_LOCAL, 0 },
	{ "Squid", "running out of filedescriptors", "EMFILE", EXHAUSTION_NO, DESCRIPTORS, 0,
	  LIMITS },
	{ "Varnish", "{backend-connect}: cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, REUSE, ROOM },
	{ "unbound", "failed to find an open port, drop msg", "EADDRINUSE", EXHAUSTION_LIKELY,
	  N_("Every port that was tried for a query was taken; queries are dropped."), SOURCE,
	  "portroom room --udp --bind ADDR; portroom explain udp_pool_full" },

	/* Docker's front ends pass on what Go says. */
	{ "Docker", "ports are not available|forbidden by its access permissions", "WSAEACCES",
	  EXHAUSTION_NO, EXCLUDED, 0 },
	{ "Docker", "ports are not available", "EADDRINUSE", EXHAUSTION_NO, CONFLICT, 0,
	  HOLDER },
	{ "Docker", "port is already allocated", "EADDRINUSE", EXHAUSTION_NO, CONFLICT, 0,
	  HOLDER },
	{ "Docker", "error starting userland proxy|address already in use", "EADDRINUSE",
	  EXHAUSTION_NO, CONFLICT, 0, HOLDER },
	{ "Docker", "all ports are allocated", "ephemeral port", EXHAUSTION_MAYBE,
	  N_("Docker's own list of host ports for published ports is used up; it covers the "
	     "host's ephemeral range. Publish fewer ports, or name them."),
	  0, "portroom range show" },

	{ "Go", "listen tcp|address already in use", "EADDRINUSE", EXHAUSTION_NO, CONFLICT, 0,
	  HOLDER },
	{ "Go", "listen tcp|forbidden by its access permissions", "WSAEACCES", EXHAUSTION_NO,
	  EXCLUDED, 0 },
	{ "Go", "listen tcp|only one usage of each socket address", "WSAEADDRINUSE",
	  EXHAUSTION_NO, CONFLICT, 0, HOLDER },
	{ "Go", "listen tcp|cannot assign requested address", "EADDRNOTAVAIL", EXHAUSTION_NO,
	  NOT_LOCAL, 0 },
	{ "Go", "dial udp|cannot assign requested address", "EADDRNOTAVAIL", EXHAUSTION_NO,
	  NO_ADDRESS, 0 },
	{ "Go", "dial tcp [::1]:|connect: cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_MAYBE, LOOPBACK6, OUT_OF_PORTS, ROOM },
	{ "Go", "dial tcp|connect: cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS | NO_PORT, ROOM },
	{ "Go", "dial tcp|only one usage of each socket address", "WSAEADDRINUSE",
	  EXHAUSTION_LIKELY, WINDOWS_CHURN, REUSE },
	{ "Go", "dial tcp|lacked sufficient buffer space", "WSAENOBUFS", EXHAUSTION_LIKELY,
	  WINDOWS_EMPTY, REUSE },
	{ "Go", "dial tcp|bind: address already in use", "EADDRINUSE", EXHAUSTION_MAYBE,
	  SOURCE_BIND, REUSE | NO_PORT, BIND_ROOM },
	{ "Go", "dial udp|resource temporarily unavailable", "EAGAIN", EXHAUSTION_LIKELY,
	  UDP_POOL, 0, UDP_ROOM },
	{ "Go", "dial tcp|too many open files", "EMFILE", EXHAUSTION_NO, DESCRIPTORS, CLOSE,
	  LIMITS },
	{ "Go", "accept4: too many open files", "EMFILE", EXHAUSTION_NO, DESCRIPTORS, CLOSE,
	  LIMITS },
	{ "Go", "lookup |temporary failure in name resolution", "EAI_AGAIN", EXHAUSTION_MAYBE,
	  RESOLVER, 0, DNS_ROOM },
	{ "Go", "dial tcp|i/o timeout", "ETIMEDOUT", EXHAUSTION_ELSEWHERE, SILENT, TIMEOUT,
	  WAITING },
	{ "Go", "dial tcp|connection refused", "ECONNREFUSED", EXHAUSTION_NO, REFUSED, 0 },

	{ "Java", "noroutetohostexception: cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS, ROOM },
	{ "Java", "bindexception: cannot assign requested address (bind failed)",
	  "EADDRNOTAVAIL", EXHAUSTION_NO, NOT_LOCAL, 0 },
	{ "Java", "bindexception: cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_MAYBE, TRACE, OUT_OF_PORTS, ROOM },
	{ "Java", "bindexception: address already in use: connect", "WSAEADDRINUSE",
	  EXHAUSTION_LIKELY, WINDOWS_CHURN, REUSE },
	{ "Java", "bindexception: address already in use: no further information",
	  "WSAEADDRINUSE", EXHAUSTION_LIKELY, WINDOWS_CHURN, REUSE },
	{ "Java", "bindexception: address already in use", "EADDRINUSE", EXHAUSTION_NO,
	  CONFLICT, 0, HOLDER },
	{ "Java", "no buffer space available (maximum connections reached", "WSAENOBUFS",
	  EXHAUSTION_LIKELY, WINDOWS_EMPTY, REUSE | CLOSE },
	{ "Java", "exception: too many open files", "EMFILE", EXHAUSTION_NO, DESCRIPTORS,
	  CLOSE, LIMITS },
	{ "Java", "timeout waiting for connection from pool", "connection pool", EXHAUSTION_NO,
	  POOL_EMPTY, CLOSE },
	{ "Java", "connection is not available, request timed out after", "connection pool",
	  EXHAUSTION_NO, POOL_EMPTY, CLOSE },
	{ "Java", "unknownhostexception|temporary failure in name resolution", "EAI_AGAIN",
	  EXHAUSTION_MAYBE, RESOLVER, 0, DNS_ROOM },
	{ "Java", "connectexception: connection timed out", "ETIMEDOUT", EXHAUSTION_ELSEWHERE,
	  SILENT, TIMEOUT, WAITING },
	{ "Java", "connectexception: connection refused", "ECONNREFUSED", EXHAUSTION_NO,
	  REFUSED, 0 },

	{ ".NET", "failed to bind to address|cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_NO, NOT_LOCAL, 0 },
	{ ".NET", "socketexception (99)|socket.bind", "EADDRNOTAVAIL", EXHAUSTION_NO,
	  NOT_LOCAL, 0 },
	{ ".NET", "cannot assign requested address (|socketexception (99)", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS, ROOM },
	{ ".NET", "socketexception (99)", "EADDRNOTAVAIL", EXHAUSTION_LIKELY, CONNECT,
	  OUT_OF_PORTS, ROOM },
	{ ".NET", "socketexception (10055)", "WSAENOBUFS", EXHAUSTION_LIKELY, WINDOWS_EMPTY,
	  REUSE | CLOSE },
	{ ".NET", "socketexception (10048)", "WSAEADDRINUSE", EXHAUSTION_MAYBE, WINDOWS_CHURN,
	  REUSE },
	{ ".NET", "system.net|only one usage of each socket address", "WSAEADDRINUSE",
	  EXHAUSTION_MAYBE, WINDOWS_CHURN, REUSE },
	{ ".NET", "prior to obtaining a connection from the pool", "connection pool",
	  EXHAUSTION_NO, POOL_EMPTY, CLOSE },
	{ ".NET", "a network-related or instance-specific error occurred", NULL,
	  EXHAUSTION_MAYBE,
	  N_("SQL Server could not be reached. The part behind 'provider:' names the cause; "
	     "10048 and 10055 there mean ports."),
	  REUSE },

	{ "Node.js", "connect eaddrnotavail ::1:", "EADDRNOTAVAIL", EXHAUSTION_MAYBE,
	  LOOPBACK6, OUT_OF_PORTS, ROOM },
	{ "Node.js", "connect eaddrnotavail", "EADDRNOTAVAIL", EXHAUSTION_LIKELY, CONNECT,
	  OUT_OF_PORTS, ROOM },
	{ "Node.js", "connect eaddrinuse", "EADDRINUSE", EXHAUSTION_MAYBE, SOURCE_BIND,
	  OUT_OF_PORTS, BIND_ROOM },
	{ "Node.js", "listen eaddrinuse", "EADDRINUSE", EXHAUSTION_NO, CONFLICT, 0, HOLDER },
	{ "Node.js", "listen eaddrnotavail", "EADDRNOTAVAIL", EXHAUSTION_NO, NOT_LOCAL, 0 },
	{ "Node.js", "bind eaddrinuse", "EADDRINUSE", EXHAUSTION_NO, CONFLICT, 0, HOLDER },
	{ "Node.js", "connect etimedout", "ETIMEDOUT", EXHAUSTION_ELSEWHERE, SILENT, TIMEOUT,
	  WAITING },
	{ "Node.js", "connect econnrefused", "ECONNREFUSED", EXHAUSTION_NO, REFUSED, 0 },
	{ "Node.js", "getaddrinfo eai_again", "EAI_AGAIN", EXHAUSTION_MAYBE, RESOLVER, 0,
	  DNS_ROOM },
	{ "Node.js", "socket hang up", "ECONNRESET", EXHAUSTION_NO,
	  N_("The server closed a connection that was to be used again. Not ports."), CLOSE },

	/* libpq since 14, and before. */
	{ "PostgreSQL client",
	  "connection to server at|failed: cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS, ROOM },
	{ "PostgreSQL client", "could not connect to server: cannot assign requested address",
	  "EADDRNOTAVAIL", EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS, ROOM },
	{ "PostgreSQL client",
	  "could not translate host name|temporary failure in name resolution", "EAI_AGAIN",
	  EXHAUSTION_MAYBE, RESOLVER, 0, DNS_ROOM },
	{ "PostgreSQL", "could not bind ipv|address already in use", "EADDRINUSE",
	  EXHAUSTION_NO, CONFLICT, 0, HOLDER },
	{ "PostgreSQL", "too many clients already", NULL, EXHAUSTION_NO, SERVER_LIMIT, 0 },
	{ "MySQL client", "can't connect to mysql server on|(99)", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS, ROOM },
	{ "MySQL client", "can't connect to mysql server on|(10048)", "WSAEADDRINUSE",
	  EXHAUSTION_LIKELY, WINDOWS_CHURN, REUSE },
	{ "MySQL client", "can't connect to mysql server on|(10055)", "WSAENOBUFS",
	  EXHAUSTION_LIKELY, WINDOWS_EMPTY, REUSE },
	{ "MySQL client", "can't connect to mysql server on|(110)", "ETIMEDOUT",
	  EXHAUSTION_ELSEWHERE, SILENT, TIMEOUT, WAITING },
	{ "MySQL client", "can't connect to mysql server on|(111)", "ECONNREFUSED",
	  EXHAUSTION_NO, REFUSED, 0 },
	{ "MySQL", "error 1040|too many connections", NULL, EXHAUSTION_NO, SERVER_LIMIT, 0 },
	{ "Redis client", "error 99 connecting to", "EADDRNOTAVAIL", EXHAUSTION_LIKELY,
	  CONNECT, OUT_OF_PORTS, ROOM },
	{ "Redis client", "redis|: cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS, ROOM },
	{ "Redis", "max number of clients reached", NULL, EXHAUSTION_NO, SERVER_LIMIT, 0 },
	{ "Redis", "listening socket|address already in use", "EADDRINUSE", EXHAUSTION_NO,
	  CONFLICT, 0, HOLDER },

	{ "PHP", "[2002] cannot assign requested address", "EADDRNOTAVAIL", EXHAUSTION_LIKELY,
	  CONNECT, OUT_OF_PORTS, ROOM },
	{ "PHP", "unable to connect to|cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS, ROOM },
	{ "Ruby", "cannot assign requested address - connect(2)", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS, ROOM },
	{ "Ruby", "address already in use - bind(2)", "EADDRINUSE", EXHAUSTION_NO, CONFLICT, 0,
	  HOLDER },
	{ "Python", "[errno 99] error while attempting to bind", "EADDRNOTAVAIL",
	  EXHAUSTION_NO, NOT_LOCAL, 0 },
	{ "Python", "[errno 98] error while attempting to bind", "EADDRINUSE", EXHAUSTION_NO,
	  CONFLICT, 0, HOLDER },
	{ "Python", "[errno 10048] error while attempting to bind", "WSAEADDRINUSE",
	  EXHAUSTION_NO, CONFLICT, 0, HOLDER },
	{ "Python", "[errno -3] temporary failure in name resolution", "EAI_AGAIN",
	  EXHAUSTION_MAYBE, RESOLVER, 0, DNS_ROOM },
	{ "Python", "host=|failed to establish a new connection: [errno 99]", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS | NO_PORT, ROOM },
	{ "Python", "failed to establish a new connection: [errno 99]", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS | NO_PORT, ROOM },
	{ "Python", "[errno 99] cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_MAYBE, TRACE, OUT_OF_PORTS | NO_PORT, ROOM },
	{ "Python", "[winerror 10048]", "WSAEADDRINUSE", EXHAUSTION_MAYBE, WINDOWS_CHURN,
	  REUSE },
	{ "Python", "[winerror 10055]", "WSAENOBUFS", EXHAUSTION_LIKELY, WINDOWS_EMPTY,
	  REUSE },
	{ "Python", "connection pool is full, discarding connection", "connection pool",
	  EXHAUSTION_MAYBE,
	  N_("More threads than the pool has places: surplus connections are closed after one "
	     "use and rest in TIME_WAIT. It leads to exhaustion under load."),
	  REUSE },

	{ "curl", "immediate connect fail for|cannot assign requested address",
	  "EADDRNOTAVAIL", EXHAUSTION_LIKELY, CONNECT, OUT_OF_PORTS, ROOM },
	{ "curl", "bind failed with errno 98", "EADDRINUSE", EXHAUSTION_MAYBE, SOURCE_BIND,
	  SOURCE, BIND_ROOM },
	{ "curl", "bind failed with errno 99", "EADDRNOTAVAIL", EXHAUSTION_NO, NOT_LOCAL, 0 },
	{ "curl", "curl: (45)", NULL, EXHAUSTION_MAYBE, SOURCE_BIND, SOURCE, BIND_ROOM },
	{ "curl", "could not resolve host", "EAI_AGAIN", EXHAUSTION_MAYBE,
	  N_("curl does not say whether the name does not exist, which is not about ports, or "
	     "nobody answered; ping NAME does. If it says so only now and then, look "
	     "whether the UDP pool is used up."),
	  0, DNS_ROOM },
	{ "curl", "curl: (7)", NULL, EXHAUSTION_MAYBE,
	  N_("curl could not connect and does not name the cause; -v does: Cannot assign "
	     "requested address means no port, Connection refused means the peer."),
	  OUT_OF_PORTS, ROOM },
	{ "curl", "curl: (28)", "ETIMEDOUT", EXHAUSTION_ELSEWHERE, SILENT, TIMEOUT, WAITING },
	{ "ssh", "ssh: connect to host|cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, REUSE, ROOM },
	{ "ssh", "cannot listen to port", "EADDRINUSE", EXHAUSTION_NO, CONFLICT, 0, HOLDER },
	{ "wget", "... failed: cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_LIKELY, CONNECT, REUSE, ROOM },
	{ "wget", "... failed: address already in use", "EADDRINUSE", EXHAUSTION_LIKELY,
	  SOURCE_BIND, SOURCE, BIND_ROOM },

	/* Windows. The texts of the events, in English. */
	{ "Windows", "global tcp port space has failed", "Tcpip 4231", EXHAUSTION_LIKELY,
	  WINDOWS_EMPTY, 0 },
	{ "Windows", "global udp port space has failed", "Tcpip 4266", EXHAUSTION_LIKELY,
	  UDP_POOL, 0 },
	{ "Windows", "recently used to connect to the same remote endpoint", "Tcpip 4227",
	  EXHAUSTION_MAYBE, WINDOWS_CHURN, 0 },
	{ "Windows", "security limit imposed on the number of concurrent", "Tcpip 4226",
	  EXHAUSTION_NO, N_("The limit on half-open connects of old systems, not ports."), 0 },
	{ "Windows", "set up a secure session with a domain controller", "NETLOGON 5719",
	  EXHAUSTION_MAYBE, N_("A companion of exhaustion; look for Tcpip events before it."),
	  0 },
	{ "Windows", "lack of network connectivity to a domain controller", "GroupPolicy 1129",
	  EXHAUSTION_MAYBE, N_("A companion of exhaustion; look for Tcpip events before it."),
	  0 },
	{ "Windows", "windows could not resolve the user name", "GroupPolicy 1053",
	  EXHAUSTION_MAYBE, N_("A companion of exhaustion; look for Tcpip events before it."),
	  0 },
	{ "Windows", "could not obtain the name of a domain controller", "GroupPolicy 1054",
	  EXHAUSTION_MAYBE, N_("A companion of exhaustion; look for Tcpip events before it."),
	  0 },
	{ "Windows", "none of the configured dns servers responded", "DNS Client 1014",
	  EXHAUSTION_MAYBE, N_("A companion of exhaustion; look for Tcpip events before it."),
	  0 },

	/* Whoever says it. */
	{ NULL, "connect|[::1]|cannot assign requested address", "EADDRNOTAVAIL",
	  EXHAUSTION_MAYBE, LOOPBACK6, 0, ROOM },
	{ NULL, "bind|cannot assign requested address", "EADDRNOTAVAIL", EXHAUSTION_NO,
	  NOT_LOCAL, 0 },
	{ NULL, "connect|cannot assign requested address", "EADDRNOTAVAIL", EXHAUSTION_LIKELY,
	  CONNECT, 0, ROOM },
	{ NULL, "connect|can't assign requested address", "EADDRNOTAVAIL", EXHAUSTION_LIKELY,
	  CONNECT, 0, ROOM },
	{ NULL, "listen|address already in use", "EADDRINUSE", EXHAUSTION_NO, CONFLICT, 0,
	  HOLDER },
	{ 0 },
};
