#include "command/lab.h"

#include "base/language.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* As many as there are ports. */
enum { ALL = 100, FEW_DESCRIPTORS = 64 };

/* With tcp_tw_reuse a port counts after tcp_tw_reuse_delay, one second; before that setting came, after more
 * than one in whole seconds. */
enum { REST_MS = 2200 };

/*
 * tcp_rfc1337: on a machine with much to do a FIN is sent again before its answer comes, and the reset that
 * answers the second ends a TIME_WAIT early. Linux net/ipv4/tcp_minisocks.c, tcp_timewait_state_process().
 */
const struct lab_rehearsal lab_rehearsals[] = {
	{
		.name = "destination-full",
		.summary = N_("one program has every port towards one destination"),
		.seconds = 1,
		.habit = { .connects = true },
		.times = ALL,
		.made = N_("connect(192.0.2.2:5432), and the connection is kept"),
		.wants = { .connects = true },
		.call = "connect",
		.error = EADDRNOTAVAIL,
		.rule = "destination_full",
		.cure = CURE_SETTING,
		.cure_setting = "ip_local_port_range",
		.cure_value = "40000 40199",
		.cure_text = N_("a range of twice as many ports"),
	},
	{
		.name = "bind-first",
		.summary = N_("bind() before connect() takes a port from every destination"),
		.seconds = 1,
		.habit = { .binds = true, .connects = true, .in_turn = true },
		.times = ALL,
		.made = N_("bind(192.0.2.1:0), then connect() to 192.0.2.2:5432 and "
			   "192.0.2.2:6379 in turn"),
		.wants = { .binds = true, .connects = true },
		.call = "bind",
		.error = EADDRINUSE,
		.rule = "bind_pool_full",
		.cure = CURE_RESTART,
		.mended = { .binds = true,
			    .no_port = true,
			    .connects = true,
			    .in_turn = true },
		.cure_text =
			N_("the program is restarted with IP_BIND_ADDRESS_NO_PORT set before "
			   "bind(), and opens as many connections again"),
	},
	{
		.name = "time-wait",
		.summary = N_("short connections leave every port in TIME_WAIT"),
		.seconds = 3,
		.setting = "tcp_rfc1337",
		.value = "1",
		.habit = { .connects = true, .closes = true, .keeps_each = 10 },
		.times = ALL,
		.made = N_(
			"connect(192.0.2.2:5432), and of ten connections nine are closed at "
			"once, before the service does"),
		.wants = { .connects = true },
		.call = "connect",
		.error = EADDRNOTAVAIL,
		.rule = "time_wait_pileup",
		.cure = CURE_SETTING,
		.cure_setting = "tcp_tw_reuse",
		.cure_value = "1",
		.rest_ms = REST_MS,
		.cure_text = N_("connect() may take over a port that has rested for a second"),
	},
	{
		.name = "close-wait",
		.summary = N_("a program does not close what its peer has closed"),
		.seconds = 1,
		.service_closes = true,
		.habit = { .connects = true, .reads = true },
		.times = ALL,
		.made = N_(
			"connect(192.0.2.2:5432); the service closes, the program does not"),
		.wants = { .connects = true },
		.call = "connect",
		.error = EADDRNOTAVAIL,
		.rule = "close_wait_leak",
		.cure = CURE_RESTART,
		.mended = { .connects = true, .reads = true, .closes = true },
		.cure_text =
			N_("the program is restarted with a close() for each, and makes as "
			   "many connections again"),
	},
	{
		.name = "bound-leak",
		.summary = N_(
			"sockets that are bound and nothing more, which netstat does not show"),
		.seconds = 1,
		.habit = { .binds = true },
		.times = ALL,
		.made = N_("bind(192.0.2.1:0), and the socket is forgotten"),
		.wants = { .connects = true },
		.call = "connect",
		.error = EADDRNOTAVAIL,
		.rule = "bound_only_leak",
		.cure = CURE_RESTART,
		.mended = { .binds = true, .closes = true },
		.cure_text =
			N_("the program is restarted with a close() for each, and binds as "
			   "often again"),
	},
	{
		.name = "udp-full",
		.summary = N_("UDP sockets have every port of the one pool there is"),
		.seconds = 1,
		.habit = { .protocol = PROTOCOL_UDP, .connects = true },
		.times = ALL,
		.made = N_("connect(192.0.2.2:5432) of a UDP socket, which is kept"),
		.wants = { .protocol = PROTOCOL_UDP, .connects = true },
		.call = "connect",
		.error = EAGAIN,
		.rule = "udp_pool_full",
		.cure = CURE_RESTART,
		.mended = { .protocol = PROTOCOL_UDP, .connects = true, .closes = true },
		.cure_text =
			N_("the program is restarted with a close() after each use, and uses "
			   "as many sockets again"),
	},
	{
		.name = "reserved",
		.summary = N_("every port of the range is reserved, and nobody has one"),
		.seconds = 1,
		.setting = "ip_local_reserved_ports",
		.value = "40000-40099",
		.made = "sysctl -w net.ipv4.ip_local_reserved_ports=40000-40099",
		.wants = { .connects = true },
		.call = "connect",
		.error = EADDRNOTAVAIL,
		.rule = "range_full",
		.cure = CURE_SETTING,
		.cure_setting = "ip_local_reserved_ports",
		.cure_value = "",
		.cure_text = N_("no port is reserved any more"),
	},
	{
		.name = "descriptor-limit",
		.summary = N_("looks like a lack of ports and is none: no descriptor is left"),
		.seconds = 1,
		.habit = { .connects = true, .descriptors = FEW_DESCRIPTORS },
		.times = LAB_UNTIL_FAILURE,
		.made = N_(
			"connect(192.0.2.2:5432) under ulimit -n 64, and the connection is kept"),
		.wants = { .connects = true },
		.call = "socket",
		.error = EMFILE,
		.rule = "descriptor_limit",
		.cure = CURE_LIMIT,
		.cure_text = N_("a higher limit for the running program"),
	},
	{ 0 },
};

const struct lab_rehearsal *lab_find(const char *name)
{
	for (const struct lab_rehearsal *each = lab_rehearsals; each->name; each++)
		if (!strcmp(each->name, name))
			return each;
	return NULL;
}
