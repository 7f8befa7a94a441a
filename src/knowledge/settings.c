#include "base/language.h"
#include "knowledge/topic.h"

/*
 * Linux Documentation/networking/ip-sysctl.rst and nf_conntrack-sysctl.rst; what they do to ports was
 * measured on 6.18. What a value in a file is worth is told by sysctl_judge.c.
 */
#define RST "Linux Documentation/networking/ip-sysctl.rst"
#define CONNTRACK "Linux Documentation/networking/nf_conntrack-sysctl.rst"
#define RANGE "portroom range show"

const struct topic topics_settings[] = {
	{
		.name = "net.ipv4.ip_local_port_range",
		.kind = TOPIC_SETTING,
		.title = N_("the ephemeral range, for IPv4 and IPv6"),
		.meaning = N_(
			"First and last port that connect() and bind() to port 0 choose from; "
			"default 32768 60999, 28232 ports. Per network namespace."),
		.next = N_(
			"Widen it at once, without a restart; reserve the ports of services first. "
			"Keep the number of ports even: from an odd range one may be left out."),
		.command = RANGE,
		.useless = N_(
			"Against a leak it only takes longer until the range is full again."),
		.source = RST,
	},
	{
		.name = "net.ipv4.ip_local_reserved_ports",
		.kind = TOPIC_SETTING,
		.title = N_("ports that the system never chooses"),
		.meaning = N_(
			"A list such as 8080,9000-9010. Those in the ephemeral range lower the "
			"room by one each."),
		.next = N_("List the ports of services before widening the range."),
		.command = RANGE,
		.useless = N_("It does not stop a program that names the port."),
		.source = RST,
	},
	{
		.name = "net.ipv4.tcp_tw_reuse",
		.kind = TOPIC_SETTING,
		.title = N_("lets connect() take over ports in TIME_WAIT"),
		.meaning = N_(
			"0: never; 1: towards any destination; 2 (default): over loopback only. "
			"Needs TCP timestamps at both ends and an entry older than one second "
			"(tcp_tw_reuse_delay)."),
		.next = N_(
			"1 is the remedy where TIME_WAIT towards one destination fills the range."),
		.command = "portroom explain time_wait_pileup",
		.useless = N_(
			"It does not help bind() to port 0, does not shorten TIME_WAIT, and does "
			"nothing for servers."),
		.source = RST "; Linux net/ipv4/tcp_ipv4.c, tcp_twsk_unique()",
	},
	{
		.name = "net.ipv4.tcp_tw_reuse_delay",
		.kind = TOPIC_SETTING,
		.title = N_("how old TIME_WAIT must be to be taken over"),
		.meaning = N_(
			"Milliseconds, default 1000, 1 to 60000; in 6.18, not yet in 6.12. It "
			"limits each port to one connection per delay and destination."),
		.next = N_(
			"Lower it only where one connection per second and port is too slow."),
		.useless = N_("Without tcp_tw_reuse it does nothing."),
		.source = RST,
	},
	{
		.name = "net.ipv4.tcp_tw_recycle",
		.kind = TOPIC_SETTING,
		.title = N_("removed in Linux 4.12"),
		.meaning = N_(
			"It dropped connects of clients behind NAT. The file does not exist any "
			"more; sysctl complains and goes on."),
		.next = N_("Delete the line; use net.ipv4.tcp_tw_reuse."),
		.useless = N_("It does nothing on any kernel since 2017."),
		.source = "Linux commit 4396e46187ca (tcp: remove tcp_tw_recycle)",
	},
	{
		.name = "net.ipv4.tcp_fin_timeout",
		.kind = TOPIC_SETTING,
		.title = N_("how long an orphan stays in FIN_WAIT2"),
		.meaning = N_(
			"Seconds, default 60, for connections that the program has closed and "
			"the peer has not."),
		.next = N_("Lower it only where FIN_WAIT2 is what fills the ports."),
		.command = "portroom list --by state; portroom explain fin_wait2_pileup",
		.useless = N_("It does not change TIME_WAIT, which is 60 s on Linux, fixed."),
		.source = RST "; Linux include/net/tcp.h, TCP_TIMEWAIT_LEN",
	},
	{
		.name = "net.ipv4.tcp_max_tw_buckets",
		.kind = TOPIC_SETTING,
		.title = N_("the most TIME_WAIT entries of a namespace"),
		.meaning = N_(
			"Beyond it connections end without TIME_WAIT: the port is free at once, "
			"and late packets of the old connection are no longer kept out."),
		.next = N_(
			"Leave the default. TCPTimeWaitOverflow in nstat counts what was cut."),
		.command = "portroom explain time_wait_overflow",
		.useless = N_("A higher value gives no port."),
		.source = RST,
	},
	{
		.name = "net.ipv4.tcp_timestamps",
		.kind = TOPIC_SETTING,
		.title = N_("TCP timestamps"),
		.meaning =
			N_("On (1) by default. Reuse of TIME_WAIT needs them at both ends."),
		.next = N_("Leave it on."),
		.useless =
			N_("Switching it off saves no port and makes tcp_tw_reuse useless."),
		.source = RST "; RFC 7323",
	},
	{
		.name = "net.ipv4.ip_autobind_reuse",
		.kind = TOPIC_SETTING,
		.title = N_("lets bind() to port 0 share ports"),
		.meaning = N_("With 1, sockets with SO_REUSEADDR may be given the same port."),
		.next = N_("Leave it 0; use IP_BIND_ADDRESS_NO_PORT instead."),
		.command = "portroom explain autobind_reuse",
		.useless = N_("bind() stops failing, and connect() fails at random instead."),
		.source = RST,
	},
	{
		.name = "net.ipv4.ip_unprivileged_port_start",
		.kind = TOPIC_SETTING,
		.title = N_("the first port that needs no privilege"),
		.meaning = N_("Default 1024. The ephemeral range may not begin below it."),
		.next = N_("Set it before ip_local_port_range if both change."),
		.command = RANGE,
		.source = RST "; Linux net/ipv4/sysctl_net_ipv4.c, ipv4_local_port_range()",
	},
	{
		.name = "net.ipv4.ip_nonlocal_bind",
		.kind = TOPIC_SETTING,
		.title = N_("lets bind() take addresses that are not here"),
		.meaning = N_("For addresses that move between machines."),
		.next = N_(
			"Use it where bind() reports EADDRNOTAVAIL for a floating address."),
		.useless = N_("It does nothing for EADDRNOTAVAIL from connect()."),
		.source = RST,
	},
	{
		.name = "net.ipv4.tcp_syn_retries",
		.kind = TOPIC_SETTING,
		.title = N_("how often connect() asks a silent peer"),
		.meaning =
			N_("Default 6: about 130 s in SYN_SENT, and each attempt holds a port "
			   "meanwhile."),
		.next = N_(
			"A connect timeout in the program is better: it is for one program only."),
		.command = "portroom explain syn_sent_blackhole",
		.source = RST,
	},
	{
		.name = "net.ipv4.tcp_orphan_retries",
		.kind = TOPIC_SETTING,
		.title = N_("how long a closed connection waits for a dead peer"),
		.meaning =
			N_("Retries of data and FIN for connections whose program has closed "
			   "(FIN_WAIT1, LAST_ACK, CLOSING)."),
		.next = N_("Leave the default unless FIN_WAIT1 fills the ports."),
		.useless = N_("It does not change TIME_WAIT or CLOSE_WAIT."),
		.source = RST,
	},
	{
		.name = "net.ipv4.tcp_max_orphans",
		.kind = TOPIC_SETTING,
		.title = N_("the most closed connections still in work"),
		.meaning = N_(
			"Beyond it they are reset and the log says: too many orphaned sockets."),
		.next = N_("Look which peers do not read or have vanished."),
		.useless = N_("It is a limit on memory, not on ports."),
		.source = RST,
	},
	{
		.name = "net.ipv4.tcp_keepalive_time",
		.aliases = "net.ipv4.tcp_keepalive_intvl|net.ipv4.tcp_keepalive_probes|"
			   "tcp_keepalive_intvl|tcp_keepalive_probes",
		.kind = TOPIC_SETTING,
		.title = N_("when idle connections are probed"),
		.meaning =
			N_("Only for sockets with SO_KEEPALIVE; finds peers that vanished."),
		.next = N_("Useful for connections through firewalls."),
		.useless = N_("It has nothing to do with HTTP keep-alive and saves no port."),
		.source = RST,
	},
	{
		.name = "net.ipv4.tcp_abort_on_overflow",
		.kind = TOPIC_SETTING,
		.title = N_("answer a full accept queue with a reset"),
		.meaning = N_(
			"Clients see resets instead of a delay when a server is slow to accept."),
		.next = N_("Leave it 0."),
		.useless = N_("It has nothing to do with ports."),
		.source = RST,
	},
	{
		.name = "net.ipv4.tcp_rfc1337",
		.kind = TOPIC_SETTING,
		.title = N_("ignore resets in TIME_WAIT"),
		.meaning = N_("With 1 a reset does not end TIME_WAIT early."),
		.next = N_("Leave the default."),
		.useless = N_("It frees no port."),
		.source = RST "; RFC 1337",
	},
	{
		.name = "net.ipv4.tcp_tw_timeout",
		.kind = TOPIC_SETTING,
		.title = N_("the length of TIME_WAIT, on Alibaba Cloud Linux only"),
		.meaning = N_(
			"1 to 600 s, in the kernels of Alibaba Cloud Linux 2 and 3; deprecated "
			"in 4. Linux itself has no such setting."),
		.next = N_("Elsewhere delete the line; use net.ipv4.tcp_tw_reuse."),
		.useless = N_("On any other kernel the file does not exist."),
		.source = "Alibaba Cloud Linux, change the TCP TIME-WAIT timeout period",
	},
	{
		.name = "net.netfilter.nf_conntrack_max",
		.aliases = "net.nf_conntrack_max",
		.kind = TOPIC_SETTING,
		.title = N_("the size of the conntrack table"),
		.meaning = N_(
			"Beyond it packets of new connections are dropped and the log says: "
			"table full, dropping packet. Set in the initial network namespace."),
		.next = N_("Compare net.netfilter.nf_conntrack_count with nf_conntrack_max."),
		.command = "portroom explain conntrack_full",
		.useless = N_("It gives no ephemeral port, and no NAT port either."),
		.source = CONNTRACK,
	},
	{
		.name = "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
		.kind = TOPIC_SETTING,
		.title = N_("how long conntrack remembers a closed connection"),
		.meaning = N_(
			"Seconds, default 120. On a NAT gateway the NAT port stays taken so long."),
		.next = N_("Lower it on a gateway that is short of NAT ports."),
		.useless = N_("It does not change TIME_WAIT of this host's sockets."),
		.source = CONNTRACK,
	},
	{
		.name = "net.ipv4.ip_conntrack_max",
		.aliases = "net.ipv4.netfilter.ip_conntrack_max",
		.kind = TOPIC_SETTING,
		.title = N_("the old name of net.netfilter.nf_conntrack_max"),
		.meaning = N_("From the time of the ip_conntrack module."),
		.next = N_("Use the new name."),
		.useless = N_("It gives no ephemeral port, and no NAT port either."),
		.source = CONNTRACK,
	},
	{
		.name = "net.core.somaxconn",
		.aliases =
			"net.ipv4.tcp_max_syn_backlog|tcp_max_syn_backlog|net.ipv4.tcp_syncookies|"
			"tcp_syncookies|net.core.netdev_max_backlog|backlog",
		.kind = TOPIC_SETTING,
		.title = N_("queues for incoming connections"),
		.meaning = N_("They matter to servers that accept slowly or are flooded."),
		.next = N_("Look at the accept queue: ss -ltn."),
		.useless =
			N_("They have nothing to do with the ports of outgoing connections."),
		.source = RST,
	},
	{
		.name = "fs.file-max",
		.aliases = "fs.nr_open|file-max|nr_open|ulimit|RLIMIT_NOFILE|LimitNOFILE",
		.kind = TOPIC_SETTING,
		.title = N_("limits on descriptors"),
		.meaning = N_("Too many open files (EMFILE, ENFILE) is their message."),
		.next = N_("Raise LimitNOFILE of the unit if its sockets are in use."),
		.command = "portroom explain descriptor_limit",
		.useless = N_("They give no port."),
		.source = "Linux Documentation/admin-guide/sysctl/fs.rst",
	},
	{ 0 },
};
