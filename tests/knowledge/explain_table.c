#include "suite.h"

#include "base/error.h"
#include "base/language.h"
#include "knowledge/lookup.h"
#include "knowledge/messages.h"
#include "knowledge/topic.h"

#include <assert.h>
#include <string.h>

/*
 * What people have in hand when they ask. Messages are as the programs print them (released versions
 * of the last years), with addresses and names of documentation in them.
 */
static const struct {
	const char *input;
	const char *
		program; /* that is recognised; NULL: no message; "?": nobody's in particular */
	enum exhaustion exhaustion; /* of the message, else of the first topic */
	const char *topic;	    /* the first; NULL: none */
} table[] = {
	/* errors, by name and number */
	{ "EADDRNOTAVAIL", NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "eaddrnotavail", NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "99", NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "-99", NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "errno 99", NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "errno=99", NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "os error 99", NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "(os error 98)", NULL, EXHAUSTION_MAYBE, "EADDRINUSE" },
	{ "[Errno 99]", NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "Cannot assign requested address", NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "98", NULL, EXHAUSTION_MAYBE, "EADDRINUSE" },
	{ "EAGAIN", NULL, EXHAUSTION_MAYBE, "EAGAIN" },
	{ "EWOULDBLOCK", NULL, EXHAUSTION_MAYBE, "EAGAIN" },
	{ "24", NULL, EXHAUSTION_NO, "EMFILE" },
	{ "Too many open files", NULL, EXHAUSTION_NO, "EMFILE" },
	{ "Too many open files in system", NULL, EXHAUSTION_NO, "ENFILE" },
	{ "ETIMEDOUT", NULL, EXHAUSTION_ELSEWHERE, "ETIMEDOUT" },
	{ "111", NULL, EXHAUSTION_NO, "ECONNREFUSED" },
	{ "errno 48", NULL, EXHAUSTION_MAYBE, "EADDRINUSE" },
	{ "49", NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "-4090", NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "errno: -4091", NULL, EXHAUSTION_MAYBE, "EADDRINUSE" },

	/* name resolution */
	{ "EAI_AGAIN", NULL, EXHAUSTION_MAYBE, "EAI_AGAIN" },
	{ "-3", NULL, EXHAUSTION_MAYBE, "EAI_AGAIN" },
	{ "[Errno -3]", NULL, EXHAUSTION_MAYBE, "EAI_AGAIN" },
	{ "Temporary failure in name resolution", NULL, EXHAUSTION_MAYBE, "EAI_AGAIN" },
	{ "ping: db: Temporary failure in name resolution", NULL, EXHAUSTION_MAYBE,
	  "EAI_AGAIN" },
	{ "socket.gaierror: [Errno -3] Temporary failure in name resolution", "Python",
	  EXHAUSTION_MAYBE, "EAI_AGAIN" },
	{ "psql: error: could not translate host name \"db\" to address: Temporary failure in "
	  "name resolution",
	  "PostgreSQL client", EXHAUSTION_MAYBE, "EAI_AGAIN" },
	{ "java.net.UnknownHostException: db: Temporary failure in name resolution", "Java",
	  EXHAUSTION_MAYBE, "EAI_AGAIN" },
	{ "dial tcp: lookup db: Temporary failure in name resolution", "Go", EXHAUSTION_MAYBE,
	  "EAI_AGAIN" },
	{ "lookup db: Temporary failure in name resolution", "Go", EXHAUSTION_MAYBE,
	  "EAI_AGAIN" },
	{ "curl: (6) Could not resolve host: db", "curl", EXHAUSTION_MAYBE, "EAI_AGAIN" },

	/* Winsock */
	{ "WSAEADDRINUSE", NULL, EXHAUSTION_MAYBE, "WSAEADDRINUSE" },
	{ "10048", NULL, EXHAUSTION_MAYBE, "WSAEADDRINUSE" },
	{ "0x2740", NULL, EXHAUSTION_MAYBE, "WSAEADDRINUSE" },
	{ "0x80072740", NULL, EXHAUSTION_MAYBE, "WSAEADDRINUSE" },
	{ "WinError 10055", NULL, EXHAUSTION_LIKELY, "WSAENOBUFS" },
	{ "wsaenobufs", NULL, EXHAUSTION_LIKELY, "WSAENOBUFS" },
	{ "error code: 10013", NULL, EXHAUSTION_NO, "WSAEACCES" },
	{ "os error 10060", NULL, EXHAUSTION_ELSEWHERE, "WSAETIMEDOUT" },

	/* NTSTATUS */
	{ "STATUS_TOO_MANY_ADDRESSES", NULL, EXHAUSTION_LIKELY, "STATUS_TOO_MANY_ADDRESSES" },
	{ "status_too_many_addresses", NULL, EXHAUSTION_LIKELY, "STATUS_TOO_MANY_ADDRESSES" },
	{ "0xC0000209", NULL, EXHAUSTION_LIKELY, "STATUS_TOO_MANY_ADDRESSES" },
	{ "c0000209", NULL, EXHAUSTION_LIKELY, "STATUS_TOO_MANY_ADDRESSES" },
	{ "3221225993", NULL, EXHAUSTION_LIKELY, "STATUS_TOO_MANY_ADDRESSES" },
	{ "-1073741303", NULL, EXHAUSTION_LIKELY, "STATUS_TOO_MANY_ADDRESSES" },
	{ "0x209", NULL, EXHAUSTION_LIKELY, "STATUS_TOO_MANY_ADDRESSES" },
	{ "0x0209", NULL, EXHAUSTION_LIKELY, "STATUS_TOO_MANY_ADDRESSES" },
	{ "NTSTATUS 0xC000020A", NULL, EXHAUSTION_NO, "STATUS_ADDRESS_ALREADY_EXISTS" },
	{ "0x22", NULL, EXHAUSTION_NO, "STATUS_ACCESS_DENIED" },
	{ "AFD_EVENT_BIND LENTStatus.Code == 0x209 STATUS_TOO_MANY_ADDRESSES", NULL,
	  EXHAUSTION_LIKELY, "STATUS_TOO_MANY_ADDRESSES" },

	/* events */
	{ "4227", NULL, EXHAUSTION_MAYBE, "Tcpip 4227" },
	{ "event 4227", NULL, EXHAUSTION_MAYBE, "Tcpip 4227" },
	{ "Tcpip 4227", NULL, EXHAUSTION_MAYBE, "Tcpip 4227" },
	{ "Event ID: 4231", NULL, EXHAUSTION_LIKELY, "Tcpip 4231" },
	{ "0x80001087", NULL, EXHAUSTION_LIKELY, "Tcpip 4231" },
	{ "4266", NULL, EXHAUSTION_LIKELY, "Tcpip 4266" },
	{ "4226", NULL, EXHAUSTION_NO, "Tcpip 4226" },
	{ "NETLOGON 5719", NULL, EXHAUSTION_MAYBE, "NETLOGON 5719" },
	{ "GroupPolicy 1129", NULL, EXHAUSTION_MAYBE, "GroupPolicy 1129" },
	{ "1053", NULL, EXHAUSTION_MAYBE, "GroupPolicy 1053" },
	{ "Microsoft-Windows-GroupPolicy 1054", NULL, EXHAUSTION_MAYBE, "GroupPolicy 1054" },
	{ "DNS Client Events 1014", NULL, EXHAUSTION_MAYBE, "DNS Client 1014" },
	{ "8015", NULL, EXHAUSTION_MAYBE, "DNS Client 8015" },

	/* states, terms, settings */
	{ "time-wait", NULL, EXHAUSTION_MAYBE, "TIME_WAIT" },
	{ "TIME_WAIT", NULL, EXHAUSTION_MAYBE, "TIME_WAIT" },
	{ "TimeWait", NULL, EXHAUSTION_MAYBE, "TIME_WAIT" },
	{ "BOUND", NULL, EXHAUSTION_MAYBE, "BOUND" },
	{ "close_wait", NULL, EXHAUSTION_MAYBE, "CLOSE_WAIT" },
	{ "FinWait2", NULL, EXHAUSTION_MAYBE, "FIN_WAIT2" },
	{ "FIN-WAIT-1", NULL, EXHAUSTION_NO, "FIN_WAIT1" },
	{ "ESTAB", NULL, EXHAUSTION_MAYBE, "ESTABLISHED" },
	{ "LISTENING", NULL, EXHAUSTION_UNASKED, "LISTEN" },
	{ "ephemeral port", NULL, EXHAUSTION_UNASKED, "ephemeral port" },
	{ "SO_REUSEADDR", NULL, EXHAUSTION_UNASKED, "SO_REUSEADDR" },
	{ "IP_BIND_ADDRESS_NO_PORT", NULL, EXHAUSTION_UNASKED, "IP_BIND_ADDRESS_NO_PORT" },
	{ "SNAT exhaustion", NULL, EXHAUSTION_ELSEWHERE, "SNAT" },
	{ "MaxUserPort", NULL, EXHAUSTION_UNASKED, "MaxUserPort" },
	{ "net.ipv4.tcp_tw_reuse", NULL, EXHAUSTION_UNASKED, "net.ipv4.tcp_tw_reuse" },
	{ "tcp_tw_recycle", NULL, EXHAUSTION_UNASKED, "net.ipv4.tcp_tw_recycle" },
	{ "/proc/sys/net/ipv4/tcp_fin_timeout", NULL, EXHAUSTION_UNASKED,
	  "net.ipv4.tcp_fin_timeout" },
	{ "net/ipv4/ip_local_port_range", NULL, EXHAUSTION_UNASKED,
	  "net.ipv4.ip_local_port_range" },
	{ "临时端口", NULL, EXHAUSTION_UNASKED, "ephemeral port" },

	/* nginx, HAProxy, Envoy and others that stand in between */
	{ "2026/03/01 12:00:00 [crit] 2872#2872: *338613 connect() to 192.0.2.7:8080 failed (99: "
	  "Cannot assign requested address) while connecting to upstream, client: 198.51.100.4, "
	  "server: shop.example, request: \"GET / HTTP/1.1\", upstream: \"http://192.0.2.7:8080/\"",
	  "nginx", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "connect() to [2001:db8::1]:443 failed (99: Cannot assign requested address) while "
	  "connecting to upstream",
	  "nginx", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "connect() to unix:/run/php-fpm.sock failed (11: Resource temporarily unavailable) while "
	  "connecting to upstream",
	  "nginx", EXHAUSTION_NO, "EAGAIN" },
	{ "Failed to bind to address http://203.0.113.9:5000: System.Net.Sockets.SocketException "
	  "(99): Cannot assign requested address",
	  ".NET", EXHAUSTION_NO, "EADDRNOTAVAIL" },
	{ "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)", "nginx",
	  EXHAUSTION_NO, "EADDRINUSE" },
	{ "nginx: [emerg] bind() to 203.0.113.9:443 failed (99: Cannot assign requested address)",
	  "nginx", EXHAUSTION_NO, "EADDRNOTAVAIL" },
	{ "[crit] 31#31: *5 bind(192.0.2.5) failed (98: Address already in use) while connecting "
	  "to upstream",
	  "nginx", EXHAUSTION_LIKELY, "EADDRINUSE" },
	{ "[error] 31#31: *71 upstream timed out (110: Connection timed out) while connecting to "
	  "upstream",
	  "nginx", EXHAUSTION_ELSEWHERE, "ETIMEDOUT" },
	{ "[error] 31#31: *9 connect() failed (111: Connection refused) while connecting to "
	  "upstream",
	  "nginx", EXHAUSTION_NO, "ECONNREFUSED" },
	{ "[alert] 31#31: 1024 worker_connections are not enough", "nginx", EXHAUSTION_NO,
	  NULL },
	{ "[error] 31#31: *2 no live upstreams while connecting to upstream", "nginx",
	  EXHAUSTION_MAYBE, NULL },
	{ "Connect() failed for backend be_app: no free ports.", "HAProxy", EXHAUSTION_LIKELY,
	  "EADDRNOTAVAIL" },
	{ "[ALERT] (1) : Starting frontend web: cannot bind socket (Address already in use) "
	  "[0.0.0.0:80]",
	  "HAProxy", EXHAUSTION_NO, "EADDRINUSE" },
	{ "[C12] immediate connect error: 99", "Envoy", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "immediate connect error: Cannot assign requested address|remote address:192.0.2.7:80",
	  "Envoy", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "upstream connect error or disconnect/reset before headers. reset reason: remote "
	  "connection failure, transport failure reason: delayed connect error: 111",
	  "Envoy", EXHAUSTION_NO, "ECONNREFUSED" },
	{ "upstream connect error or disconnect/reset before headers. reset reason: overflow",
	  "Envoy", EXHAUSTION_MAYBE, NULL },
	{ "[proxy:error] [pid 77] (99)Cannot assign requested address: AH00957: HTTP: attempt to "
	  "connect to 192.0.2.7:8080 (192.0.2.7) failed",
	  "Apache httpd", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "(98)Address already in use: AH00072: make_sock: could not bind to address [::]:80",
	  "Apache httpd", EXHAUSTION_NO, "EADDRINUSE" },
	{ "apr_socket_connect(): Cannot assign requested address (99)", "ab",
	  EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "commBind: Cannot bind socket FD 23 to 192.0.2.5: (98) Address already in use",
	  "Squid", EXHAUSTION_MAYBE, "EADDRINUSE" },
	{ "commBind: Cannot bind socket FD 5 to 203.0.113.9: (99) Cannot assign requested address",
	  "Squid", EXHAUSTION_NO, "EADDRNOTAVAIL" },
	{ "{backend-connect}: Cannot assign requested address", "Varnish", EXHAUSTION_LIKELY,
	  "EADDRNOTAVAIL" },
	{ "unbound[650:0] error: failed to find an open port, drop msg", "unbound",
	  EXHAUSTION_LIKELY, "EADDRINUSE" },

	{ "2026/03/01 12:00:00 [crit] 31#31: accept4() failed (24: Too many open files)",
	  "nginx", EXHAUSTION_NO, "EMFILE" },
	{ "[alert] 31#31: *7 socket() failed (24: Too many open files) while connecting to upstream",
	  "nginx", EXHAUSTION_NO, "EMFILE" },

	/* languages */
	{ "dial udp 192.0.2.53:53: connect: cannot assign requested address", "Go",
	  EXHAUSTION_NO, "EADDRNOTAVAIL" },
	{ "dial tcp [::1]:5432: connect: cannot assign requested address", "Go",
	  EXHAUSTION_MAYBE, "EADDRNOTAVAIL" },
	{ "connect() to [::1]:9000 failed (99: Cannot assign requested address) while connecting "
	  "to upstream",
	  "nginx", EXHAUSTION_MAYBE, "EADDRNOTAVAIL" },
	{ "http: Accept error: accept4: too many open files", "Go", EXHAUSTION_NO, "EMFILE" },
	{ "System.Net.Http.HttpRequestException: Cannot assign requested address (192.0.2.7:443) "
	  "---> System.Net.Sockets.SocketException (99): Cannot assign requested address",
	  ".NET", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "dial tcp 192.0.2.7:5432: connect: cannot assign requested address", "Go",
	  EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "Get \"http://api.example/v1\": dial tcp 192.0.2.7:80: connectex: Only one usage of each "
	  "socket address (protocol/network address/port) is normally permitted.",
	  "Go", EXHAUSTION_LIKELY, "WSAEADDRINUSE" },
	{ "dial tcp 192.0.2.7:80: bind: An operation on a socket could not be performed because "
	  "the system lacked sufficient buffer space or because a queue was full.",
	  "Go", EXHAUSTION_LIKELY, "WSAENOBUFS" },
	{ "dial udp 192.0.2.53:53: connect: resource temporarily unavailable", "Go",
	  EXHAUSTION_LIKELY, "EAGAIN" },
	{ "dial tcp 192.0.2.7:80: socket: too many open files", "Go", EXHAUSTION_NO,
	  "EMFILE" },
	{ "http: Accept error: accept tcp [::]:8080: accept4: too many open files; retrying in 5ms",
	  "Go", EXHAUSTION_NO, "EMFILE" },
	{ "dial tcp 192.0.2.7:80: i/o timeout", "Go", EXHAUSTION_ELSEWHERE, "ETIMEDOUT" },
	{ "dial tcp 127.0.0.1:6379: connect: connection refused", "Go", EXHAUSTION_NO,
	  "ECONNREFUSED" },
	{ "listen tcp :8080: bind: address already in use", "Go", EXHAUSTION_NO,
	  "EADDRINUSE" },
	{ "java.net.NoRouteToHostException: Cannot assign requested address (Address not available)",
	  "Java", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "java.net.BindException: Cannot assign requested address (Bind failed)", "Java",
	  EXHAUSTION_NO, "EADDRNOTAVAIL" },
	{ "Caused by: java.net.BindException: Cannot assign requested address", "Java",
	  EXHAUSTION_MAYBE, "EADDRNOTAVAIL" },
	{ "java.net.BindException: Address already in use: connect", "Java", EXHAUSTION_LIKELY,
	  "WSAEADDRINUSE" },
	{ "java.net.BindException: Address already in use: no further information", "Java",
	  EXHAUSTION_LIKELY, "WSAEADDRINUSE" },
	{ "java.net.BindException: Address already in use", "Java", EXHAUSTION_NO,
	  "EADDRINUSE" },
	{ "java.net.SocketException: No buffer space available (maximum connections reached?): "
	  "connect",
	  "Java", EXHAUSTION_LIKELY, "WSAENOBUFS" },
	{ "org.apache.http.conn.ConnectionPoolTimeoutException: Timeout waiting for connection "
	  "from pool",
	  "Java", EXHAUSTION_NO, "connection pool" },
	{ "HikariPool-1 - Connection is not available, request timed out after 30000ms.",
	  "Java", EXHAUSTION_NO, "connection pool" },
	{ "System.Net.Sockets.SocketException (99): Cannot assign requested address", ".NET",
	  EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "System.Net.Sockets.SocketException (10055): An operation on a socket could not be "
	  "performed because the system lacked sufficient buffer space or because a queue was full.",
	  ".NET", EXHAUSTION_LIKELY, "WSAENOBUFS" },
	{ "System.Net.Sockets.SocketException: Only one usage of each socket address "
	  "(protocol/network address/port) is normally permitted 192.0.2.7:443",
	  ".NET", EXHAUSTION_MAYBE, "WSAEADDRINUSE" },
	{ "Timeout expired.  The timeout period elapsed prior to obtaining a connection from the "
	  "pool.",
	  ".NET", EXHAUSTION_NO, "connection pool" },
	{ "Error: connect EADDRNOTAVAIL 192.0.2.7:443 - Local (0.0.0.0:0)", "Node.js",
	  EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "MongoNetworkError: connect EADDRNOTAVAIL 192.0.2.7:27017", "Node.js",
	  EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "Error: listen EADDRINUSE: address already in use :::3000", "Node.js", EXHAUSTION_NO,
	  "EADDRINUSE" },
	{ "Error: connect ETIMEDOUT 192.0.2.7:443", "Node.js", EXHAUSTION_ELSEWHERE,
	  "ETIMEDOUT" },
	{ "Error: getaddrinfo EAI_AGAIN api.example", "Node.js", EXHAUSTION_MAYBE,
	  "EAI_AGAIN" },
	{ "Error: socket hang up", "Node.js", EXHAUSTION_NO, "ECONNRESET" },
	{ "urllib3.exceptions.NewConnectionError: <urllib3.connection.HTTPConnection object at "
	  "0x7f0000000000>: Failed to establish a new connection: [Errno 99] Cannot assign "
	  "requested address",
	  "Python", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "OSError: [Errno 99] Cannot assign requested address", "Python", EXHAUSTION_MAYBE,
	  "EADDRNOTAVAIL" },
	{ "OSError: [Errno 99] error while attempting to bind on address ('203.0.113.9', 80): "
	  "cannot assign requested address",
	  "Python", EXHAUSTION_NO, "EADDRNOTAVAIL" },
	{ "ERROR: [Errno 10048] error while attempting to bind on address ('127.0.0.1', 8000): only "
	  "one usage of each socket address (protocol/network address/port) is normally permitted",
	  "Python", EXHAUSTION_NO, "WSAEADDRINUSE" },
	{ "OSError: [WinError 10055] An operation on a socket could not be performed because the "
	  "system lacked sufficient buffer space or because a queue was full",
	  "Python", EXHAUSTION_LIKELY, "WSAENOBUFS" },
	{ "Connection pool is full, discarding connection: api.example. Connection pool size: 10",
	  "Python", EXHAUSTION_MAYBE, "connection pool" },
	{ "Errno::EADDRNOTAVAIL (Failed to open TCP connection to 192.0.2.7:9200 (Cannot assign "
	  "requested address - connect(2) for \"192.0.2.7\" port 9200))",
	  "Ruby", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "Os { code: 99, kind: AddrNotAvailable, message: \"Cannot assign requested address\" }",
	  NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "error sending request: tcp connect error: Cannot assign requested address (os error 99)",
	  "?", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "{failed_connect,[{to_address,{\"192.0.2.7\",80}},{inet,[inet],eaddrnotavail}]}",
	  NULL, EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },

	/* clients of databases */
	{ "connection to server at \"192.0.2.7\", port 5432 failed: Cannot assign requested address",
	  "PostgreSQL client", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "could not connect to server: Cannot assign requested address", "PostgreSQL client",
	  EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "FATAL:  sorry, too many clients already", "PostgreSQL", EXHAUSTION_NO, NULL },
	{ "ERROR 2003 (HY000): Can't connect to MySQL server on '192.0.2.7' (99)",
	  "MySQL client", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "ERROR 2003 (HY000): Can't connect to MySQL server on '192.0.2.7:3306' (10055)",
	  "MySQL client", EXHAUSTION_LIKELY, "WSAENOBUFS" },
	{ "ERROR 1040 (HY000): Too many connections", "MySQL", EXHAUSTION_NO, NULL },
	{ "Error 99 connecting to 192.0.2.7:6379. Cannot assign requested address.",
	  "Redis client", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "Could not connect to Redis at 192.0.2.7:6379: Cannot assign requested address",
	  "Redis client", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "(error) ERR max number of clients reached", "Redis", EXHAUSTION_NO, NULL },
	{ "SQLSTATE[HY000] [2002] Cannot assign requested address", "PHP", EXHAUSTION_LIKELY,
	  "EADDRNOTAVAIL" },
	{ "fsockopen(): unable to connect to 192.0.2.7:80 (Cannot assign requested address)",
	  "PHP", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },

	/* command line tools and Docker */
	{ "* Immediate connect fail for 192.0.2.7: Cannot assign requested address", "curl",
	  EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "curl: (7) Failed to connect to 192.0.2.7 port 80 after 0 ms: Couldn't connect to server",
	  "curl", EXHAUSTION_MAYBE, NULL },
	{ "curl: (45) bind failed with errno 98: Address already in use", "curl",
	  EXHAUSTION_MAYBE, "EADDRINUSE" },
	{ "ssh: connect to host 192.0.2.7 port 22: Cannot assign requested address", "ssh",
	  EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "channel_setup_fwd_listener_tcpip: cannot listen to port: 8080", "ssh",
	  EXHAUSTION_NO, "EADDRINUSE" },
	{ "Connecting to www.example|192.0.2.7|:80... failed: Cannot assign requested address.",
	  "wget", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "Error response from daemon: Ports are not available: exposing port TCP 0.0.0.0:50070 -> "
	  "0.0.0.0:0: listen tcp 0.0.0.0:50070: bind: An attempt was made to access a socket in a "
	  "way forbidden by its access permissions.",
	  "Docker", EXHAUSTION_NO, "WSAEACCES" },
	{ "Bind for 0.0.0.0:8080 failed: port is already allocated", "Docker", EXHAUSTION_NO,
	  "EADDRINUSE" },
	{ "Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use",
	  "Docker", EXHAUSTION_NO, "EADDRINUSE" },

	/* the kernel's log and Windows' */
	{ "[1722.1] nf_conntrack: nf_conntrack: table full, dropping packet", "kernel",
	  EXHAUSTION_NO, "conntrack" },
	{ "nf_conntrack: table full in netns 4026532281, dropping packet", "kernel",
	  EXHAUSTION_NO, "conntrack" },
	{ "TCP: time wait bucket table overflow", "kernel", EXHAUSTION_MAYBE,
	  "net.ipv4.tcp_max_tw_buckets" },
	{ "TCP: too many orphaned sockets", "kernel", EXHAUSTION_NO,
	  "net.ipv4.tcp_max_orphans" },
	{ "TCP: out of memory -- consider tuning tcp_mem", "kernel", EXHAUSTION_NO,
	  "ENOBUFS" },
	{ "TCP: request_sock_TCP: Possible SYN flooding on port 443. Sending cookies.",
	  "kernel", EXHAUSTION_NO, "net.core.somaxconn" },
	{ "ip_local_port_range: prefer different parity for start/end values.", "kernel",
	  EXHAUSTION_NO, "net.ipv4.ip_local_port_range" },
	{ "neighbour: arp_cache: neighbor table overflow!", "kernel", EXHAUSTION_NO, NULL },
	{ "Neighbour table overflow.", "kernel", EXHAUSTION_NO, NULL },
	{ "Out of socket memory", "kernel", EXHAUSTION_NO, "ENOBUFS" },
	{ "A request to allocate an ephemeral port number from the global TCP port space has failed "
	  "due to all such ports being in use.",
	  "Windows", EXHAUSTION_LIKELY, "Tcpip 4231" },
	{ "A request to allocate an ephemeral port number from the global UDP port space has failed "
	  "due to all such ports being in use.",
	  "Windows", EXHAUSTION_LIKELY, "Tcpip 4266" },
	{ "TCP/IP failed to establish an outgoing connection because the selected local endpoint was "
	  "recently used to connect to the same remote endpoint.",
	  "Windows", EXHAUSTION_MAYBE, "Tcpip 4227" },
	{ "The processing of Group Policy failed because of lack of network connectivity to a domain "
	  "controller.",
	  "Windows", EXHAUSTION_MAYBE, "GroupPolicy 1129" },
	{ "Name resolution for the name dc.example timed out after none of the configured DNS servers "
	  "responded.",
	  "Windows", EXHAUSTION_MAYBE, "DNS Client 1014" },

	/* nobody's in particular */
	{ "bind: Cannot assign requested address", "?", EXHAUSTION_NO, "EADDRNOTAVAIL" },
	{ "connect: Can't assign requested address", "?", EXHAUSTION_LIKELY, "EADDRNOTAVAIL" },
	{ "read: Connection reset by peer", NULL, EXHAUSTION_NO, "ECONNRESET" },
	{ "tcp LISTEN 0 128 stuck in CLOSE-WAIT", NULL, EXHAUSTION_MAYBE, "CLOSE_WAIT" },
	{ "sysctl: cannot stat /proc/sys/net/ipv4/tcp_tw_recycle: No such file or directory",
	  NULL, EXHAUSTION_UNASKED, "net.ipv4.tcp_tw_recycle" },
};

static enum exhaustion exhaustion_of(const struct lookup *lookup)
{
	if (lookup->message)
		return lookup->message->exhaustion;
	return lookup->count ? lookup->matches[0].topic->exhaustion : EXHAUSTION_UNASKED;
}

static void check(size_t i)
{
	const char *program = table[i].program;
	struct lookup lookup;

	assert_that(lookup_text(table[i].input, &lookup), "not known: %s", table[i].input);
	assert_that(!program == !lookup.message, "%s: message %s", table[i].input,
		    lookup.message ? lookup.message->fragments : "none");
	if (program)
		assert_that(!strcmp(lookup.message->program ? lookup.message->program : "?",
				    program),
			    "%s: %s", table[i].input, lookup.message->fragments);
	assert_that(exhaustion_of(&lookup) == table[i].exhaustion, "%s: %d", table[i].input,
		    exhaustion_of(&lookup));
	assert_that(!table[i].topic == !lookup.count, "%s: %s", table[i].input,
		    lookup.count ? lookup.matches[0].topic->name : "no topic");
	if (table[i].topic)
		assert_that(!strcmp(lookup.matches[0].topic->name, table[i].topic), "%s: %s",
			    table[i].input, lookup.matches[0].topic->name);
}

TEST(what_people_have_in_hand_is_explained)
{
	enum { INPUTS = sizeof table / sizeof table[0] };

	static_assert(INPUTS >= 120, "a table worth its name");
	for (size_t i = 0; i < INPUTS; i++)
		check(i);
}

TEST(the_answer_does_not_depend_on_the_language)
{
	struct error error;

	assert_int_equal(language_select("zh_CN", &error), 0);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		check(i);
	language_english();
}

TEST(what_is_not_known_is_not_guessed)
{
	static const char *const texts[] = { "",
					     "lorem ipsum",
					     "100",
					     "3",
					     "31337",
					     "GET /index.html HTTP/1.1 200",
					     "the pool is closed",
					     "event 7",
					     "0xdeadbeef",
					     "net.ipv4",
					     "port",
					     "\xff\xfe" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct lookup lookup;

		assert_that(!lookup_text(texts[i], &lookup), "%s: %s", texts[i],
			    lookup.count ? lookup.matches[0].topic->name : "a message");
	}
}

SUITE(explain_table, cmocka_unit_test(what_people_have_in_hand_is_explained),
      cmocka_unit_test(the_answer_does_not_depend_on_the_language),
      cmocka_unit_test(what_is_not_known_is_not_guessed));
