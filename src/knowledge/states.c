#include "base/language.h"
#include "knowledge/topic.h"

/*
 * RFC 9293, 3.3.2; how Linux holds ports in each was measured on 6.18. The names are those of ss,
 * netstat and Windows' Get-NetTCPConnection.
 */
#define RFC "RFC 9293, 3.3.2"
#define ARTICLE "learn.microsoft.com, Troubleshoot port exhaustion issues"

const struct topic topics_states[] = {
	{
		.name = "BOUND",
		.aliases = "bound-only|bound inactive|BOUND_INACTIVE",
		.kind = TOPIC_STATE,
		.exhaustion = EXHAUSTION_MAYBE,
		.title = N_("has a port, neither listens nor is connected"),
		.meaning = N_(
			"bind() gave the socket a port and nothing followed. The port is taken "
			"from every connect() of the network namespace, whatever the "
			"destination."),
		.tell = N_(
			"Many that stay are a leak, and netstat and plain ss do not show them. On "
			"Windows a Bound row with a connection on the same port is one "
			"connection, not two."),
		.next = N_(
			"See which process has them; only closing the socket, or the end of the "
			"process, frees them."),
		.command = "portroom list --state bound --by process; portroom explain "
			   "bound_only_leak; portroom explain windows_bound_leak",
		.source = "Linux net/ipv4/inet_diag.c (since 6.8); bind(2)",
		.on_windows =
			&(const struct topic){
				.meaning = N_(
					"bind() gave the socket a port and nothing followed. The port is "
					"taken from every other program, whatever the destination."),
				.tell = N_(
					"Many that stay are a leak, and netstat shows them with -q alone. "
					"A Bound row with a connection on the same port is one "
					"connection, not two."),
				.command =
					"portroom list --state bound --by process; portroom explain "
					"windows_bound_leak",
				.source = ARTICLE,
			},
	},
	{
		.name = "LISTEN",
		.aliases = "LISTENING",
		.kind = TOPIC_STATE,
		.title = N_("waits for clients"),
		.meaning =
			N_("A server's socket. One in the ephemeral range takes its port from "
			   "every connect()."),
		.next = N_(
			"Put ports of services into net.ipv4.ip_local_reserved_ports if they lie "
			"in the range; on Windows: netsh int ipv4 add excludedportrange."),
		.command = "portroom range show; portroom explain listeners_in_range",
		.source = RFC,
		.on_windows =
			&(const struct topic){
				.meaning = N_(
					"A server's socket. One in the dynamic port range takes its port "
					"from everybody else."),
				.next = N_(
					"Keep ports of services that lie in the range out of it: netsh int "
					"ipv4 add excludedportrange."),
				.command = "portroom range show",
			},
	},
	{
		.name = "SYN_SENT",
		.aliases = "SYNSENT",
		.kind = TOPIC_STATE,
		.exhaustion = EXHAUSTION_MAYBE,
		.title = N_("has asked, waits for the answer"),
		.meaning =
			N_("connect() has a port and waits for the peer: about two minutes if "
			   "nobody answers (net.ipv4.tcp_syn_retries)."),
		.tell = N_(
			"Many towards one destination mean that it does not answer; with a high "
			"rate of attempts they use the ports up."),
		.next = N_(
			"Give the program a short connect timeout; see why the peer is silent."),
		.command = "portroom list --state syn_sent --by dst; portroom explain "
			   "syn_sent_blackhole",
		.source = RFC "; Linux net/ipv4/tcp_timer.c",
		.on_windows =
			&(const struct topic){
				.meaning = N_(
					"connect() has a port and waits for the peer: some 20 seconds if "
					"nobody answers."),
				.command = "portroom list --state syn_sent --by dst",
				.source = RFC,
			},
	},
	{
		.name = "SYN_RECV",
		.aliases = "SYN_RECEIVED|SYN_RCVD|SynReceived",
		.kind = TOPIC_STATE,
		.exhaustion = EXHAUSTION_NO,
		.title = N_("a client has asked, this side has answered"),
		.meaning =
			N_("A connection that a client opens. It is on the service's port and "
			   "takes no ephemeral one."),
		.tell = N_(
			"Many are a flood of requests or a slow accept(), not a lack of ports."),
		.next = N_("Look at the accept queue; on Linux: ss -ltn."),
		.source = RFC,
		.on_windows =
			&(const struct topic){
				.next = N_(
					"See whether the program takes connections as fast as clients make "
					"them."),
			},
	},
	{
		.name = "ESTABLISHED",
		.aliases = "ESTAB",
		.kind = TOPIC_STATE,
		.exhaustion = EXHAUSTION_MAYBE,
		.title = N_("a connection in use, or kept open"),
		.meaning = N_(
			"Holds its port towards this one destination; other destinations may "
			"use the same port."),
		.tell = N_(
			"Exhaustion if one destination has nearly as many as the range has ports. "
			"The sum over all destinations says nothing."),
		.next = N_("Ask for the room of the destination that has most."),
		.command = "portroom list --state established --by dst; portroom explain "
			   "destination_full",
		.source = RFC,
		.on_windows =
			&(const struct topic){
				.command =
					"portroom list --state established --by dst; portroom explain "
					"windows_destination_full",
			},
	},
	{
		.name = "FIN_WAIT1",
		.aliases = "FIN_WAIT_1|FinWait1",
		.kind = TOPIC_STATE,
		.exhaustion = EXHAUSTION_NO,
		.title = N_("this side has closed, the peer has not yet confirmed"),
		.meaning = N_("Data or the FIN is still on the way. Holds its port."),
		.tell = N_("Many mean peers that vanished or do not read."),
		.next = N_("See which peer; net.ipv4.tcp_orphan_retries limits the wait."),
		.command = "portroom list --state fin_wait1 --by dst",
		.source = RFC,
		.on_windows =
			&(const struct topic){
				.next = N_("See which peer."),
			},
	},
	{
		.name = "FIN_WAIT2",
		.aliases = "FIN_WAIT_2|FinWait2",
		.kind = TOPIC_STATE,
		.exhaustion = EXHAUSTION_MAYBE,
		.title = N_("this side has closed, the peer has not"),
		.meaning = N_(
			"Half closed. Holds its port until the peer closes, or, if the program "
			"has closed the socket, for net.ipv4.tcp_fin_timeout seconds."),
		.tell = N_("Many mean a peer that does not close: there it is CLOSE_WAIT."),
		.next = N_(
			"Mend the peer. This is the one state that tcp_fin_timeout shortens."),
		.command = "portroom list --state fin_wait2 --by dst; portroom explain "
			   "fin_wait2_pileup",
		.source = RFC "; Linux net/ipv4/tcp.c, __tcp_close()",
		.on_windows =
			&(const struct topic){
				.meaning = N_(
					"Half closed. Holds its port until the peer closes, or Windows "
					"gives it up."),
				.next = N_("Mend the peer."),
				.command = "portroom list --state fin_wait2 --by dst",
				.source = RFC,
			},
	},
	{
		.name = "CLOSE_WAIT",
		.aliases = "CloseWait",
		.kind = TOPIC_STATE,
		.exhaustion = EXHAUSTION_MAYBE,
		.title = N_("the peer has closed, the program here has not"),
		.meaning = N_("The program has not called close() since. Holds its port and a "
			      "descriptor without a time limit."),
		.tell = N_(
			"Many that stay are a fault of the program that holds them; no setting of "
			"the kernel ends them."),
		.next = N_(
			"Find the program; read answers to the end and close them. To free the "
			"ports at once: portroom close --state close_wait."),
		.command = "portroom list --state close_wait --by process; portroom explain "
			   "close_wait_leak",
		.source = RFC "; Linux net/ipv4/tcp_input.c, tcp_fin()",
		.on_windows =
			&(const struct topic){
				.meaning = N_(
					"The program has not closed the socket since. Holds its port and a "
					"handle without a time limit."),
				.tell = N_(
					"Many that stay are a fault of the program that holds them; no "
					"setting of Windows ends them."),
				.command =
					"portroom list --state close_wait --by process; portroom "
					"explain windows_close_wait_leak",
				.source = ARTICLE,
			},
	},
	{
		.name = "CLOSING",
		.kind = TOPIC_STATE,
		.exhaustion = EXHAUSTION_NO,
		.title = N_("both sides closed at the same time"),
		.meaning = N_("Short; becomes TIME_WAIT."),
		.tell = N_("Never many."),
		.next = N_("Nothing to do."),
		.source = RFC,
	},
	{
		.name = "LAST_ACK",
		.aliases = "LASTACK",
		.kind = TOPIC_STATE,
		.exhaustion = EXHAUSTION_NO,
		.title = N_("both have closed, the peer has not yet confirmed"),
		.meaning = N_("The end of CLOSE_WAIT. Holds its port for some retries."),
		.tell = N_("Many mean peers that vanished."),
		.next = N_("See which peer; net.ipv4.tcp_orphan_retries limits the wait."),
		.source = RFC,
		.on_windows =
			&(const struct topic){
				.next = N_("See which peer."),
			},
	},
	{
		.name = "TIME_WAIT",
		.aliases = "TIMEWAIT|TIME WAIT|2MSL|TCP_TIMEWAIT_LEN",
		.kind = TOPIC_STATE,
		.exhaustion = EXHAUSTION_MAYBE,
		.title = N_("closed, the port rests"),
		.meaning = N_(
			"The side that closed first keeps the pair of addresses and ports for "
			"60 s (Linux, fixed) or TcpTimedWaitDelay (Windows), so that late "
			"packets do no harm. It belongs to no process any more."),
		.tell = N_(
			"Exhaustion if the ones towards one destination fill the range and may not "
			"be reused. On a server that closes first they stand on the service's "
			"port and take no ephemeral port at all."),
		.next = N_("Keep connections open and use them again; then, on Linux, "
			   "net.ipv4.tcp_tw_reuse=1."),
		.command = "portroom list --state time_wait --by dst; portroom explain "
			   "time_wait_pileup",
		.useless = N_(
			"On Linux tcp_fin_timeout does not shorten it, and tcp_tw_recycle is "
			"gone."),
		.source = "Linux include/net/tcp.h, TCP_TIMEWAIT_LEN; " RFC,
		.on_windows =
			&(const struct topic){
				.next = N_(
					"Keep connections open and use them again; then TcpTimedWaitDelay."),
				.command =
					"portroom list --state time_wait --by dst; portroom explain "
					"windows_time_wait",
				.useless = "",
				.source = "learn.microsoft.com, TcpTimedWaitDelay; " RFC,
			},
	},
	{
		.name = "CLOSED",
		.aliases = "CLOSE|UNCONN",
		.kind = TOPIC_STATE,
		.exhaustion = EXHAUSTION_NO,
		.title = N_("not connected"),
		.meaning = N_(
			"A socket that is not connected, or not any more. Linux also reports "
			"sockets so that only have a port (BOUND). UDP sockets without a peer "
			"are shown as UNCONN."),
		.tell = N_("Holds no port, unless the program chose one itself and keeps the "
			   "descriptor."),
		.next = N_("Nothing to do."),
		.command = "portroom list --state bound",
		.source = RFC,
	},
	{ 0 },
};
