#include "snapshot/socket.h"

#include <assert.h>

static const struct {
	const char *title, *name;
} states[] = {
	[SOCKET_ESTABLISHED] = { "ESTABLISHED", "established" },
	[SOCKET_SYN_SENT] = { "SYN_SENT", "syn_sent" },
	[SOCKET_SYN_RECV] = { "SYN_RECV", "syn_recv" },
	[SOCKET_FIN_WAIT1] = { "FIN_WAIT1", "fin_wait1" },
	[SOCKET_FIN_WAIT2] = { "FIN_WAIT2", "fin_wait2" },
	[SOCKET_TIME_WAIT] = { "TIME_WAIT", "time_wait" },
	[SOCKET_CLOSE_WAIT] = { "CLOSE_WAIT", "close_wait" },
	[SOCKET_LAST_ACK] = { "LAST_ACK", "last_ack" },
	[SOCKET_CLOSING] = { "CLOSING", "closing" },
	[SOCKET_LISTEN] = { "LISTEN", "listen" },
	[SOCKET_BOUND] = { "BOUND", "bound" },
	[SOCKET_UNCONNECTED] = { "UNCONNECTED", "unconnected" },
	[SOCKET_CLOSE] = { "CLOSE", "close" },
};

static_assert(sizeof states / sizeof states[0] == SOCKET_STATE_COUNT,
	      "every state has a name");

const char *socket_state_title(enum socket_state state)
{
	return states[state].title;
}

const char *socket_state_name(enum socket_state state)
{
	return states[state].name;
}

const char *protocol_name(enum protocol protocol)
{
	return protocol == PROTOCOL_UDP ? "udp" : "tcp";
}
