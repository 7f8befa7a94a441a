#include "knowledge/counters.h"

#include "base/language.h"

#define BACKLOG                                                                               \
	N_("Connections came in faster than a service accepted them, and were dropped: its "  \
	   "backlog (net.core.somaxconn) was full. Clients see time-outs. About incoming "    \
	   "connections, not about ports.")
#define SYN_FLOOD                                                                             \
	N_("A service got more connects than its queue holds. About incoming connections, "   \
	   "not about ports.")

/* Linux net/ipv4/proc.c, snmp4_net_list; net/netfilter/nf_conntrack_standalone.c, ct_cpu_seq_show().
 * Left out is what moves on healthy machines, such as TWRecycled, or says nothing about limits. */
const struct counter counters[] = {
	/* net/ipv4/tcp_minisocks.c, tcp_time_wait() */
	{ "TCPTimeWaitOverflow", "TcpExt", "TCPTimeWaitOverflow", EXHAUSTION_MAYBE,
	  N_("There were more TIME_WAIT than net.ipv4.tcp_max_tw_buckets, so the rest was "
	     "dropped, which frees ports. It shows many short connections, on the side that "
	     "closes first."),
	  "portroom explain time_wait_overflow" },
	/* net/ipv4/tcp_timer.c, tcp_out_of_resources(); net/ipv4/tcp.c, __tcp_close() */
	{ "TCPAbortOnMemory", "TcpExt", "TCPAbortOnMemory", EXHAUSTION_NO,
	  N_("Connections were reset because too many that programs have closed wait for "
	     "their peers (net.ipv4.tcp_max_orphans), or TCP had no memory left "
	     "(net.ipv4.tcp_mem). Not ports."),
	  NULL },
	/* net/ipv4/tcp.c, tcp_enter_memory_pressure() */
	{ "TCPMemoryPressures", "TcpExt", "TCPMemoryPressures", EXHAUSTION_NO,
	  N_("TCP came near the end of its memory (net.ipv4.tcp_mem). Not ports."), NULL },
	/* net/ipv4/tcp_ipv4.c, tcp_v4_syn_recv_sock(): an overflow is a drop, too */
	{ "ListenOverflows", "TcpExt", "ListenOverflows", EXHAUSTION_NO, BACKLOG, NULL },
	{ "ListenDrops", "TcpExt", "ListenDrops", EXHAUSTION_NO,
	  N_("Incoming connections were dropped, for want of a place in the backlog "
	     "(ListenOverflows) or for other reasons. Not ports of this side."),
	  NULL },
	/* net/ipv4/tcp_input.c, tcp_syn_flood_action() */
	{ "TCPReqQFullDrop", "TcpExt", "TCPReqQFullDrop", EXHAUSTION_NO, SYN_FLOOD, NULL },
	{ "TCPReqQFullDoCookies", "TcpExt", "TCPReqQFullDoCookies", EXHAUSTION_NO, SYN_FLOOD,
	  NULL },
	/* net/netfilter/nf_conntrack_core.c, __nf_conntrack_confirm() */
	{ "insert_failed", "nf_conntrack", "insert_failed", EXHAUSTION_MAYBE,
	  N_("Connections clashed with others when they were to be entered in the conntrack "
	     "table, and their packets were dropped. On a host that does NAT it is what used "
	     "up NAT ports look like."),
	  "portroom check; portroom explain snat_full" },
	/* net/netfilter/nf_conntrack_core.c, __nf_conntrack_alloc() among others */
	{ "drop", "nf_conntrack", "drop", EXHAUSTION_NO,
	  N_("Packets were dropped because no conntrack entry could be made: the table was "
	     "full, or, with insert_failed, entries clashed. Another limit than ports; "
	     "connects time out."),
	  "portroom explain conntrack_full" },
	{ "early_drop", "nf_conntrack", "early_drop", EXHAUSTION_NO,
	  N_("The conntrack table was full, and entries were thrown out to make room for new "
	     "ones. Another limit than ports."),
	  "portroom explain conntrack_full" },
	{ 0 },
};
