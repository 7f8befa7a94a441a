#include "snapshot/failure.h"

const char *failure_call_name(enum failure_call call)
{
	static const char *const names[] = {
		[FAILURE_CONNECT] = "connect",
		[FAILURE_BIND] = "bind",
		[FAILURE_LISTEN] = "listen",
		[FAILURE_SEND] = "send",
	};

	return names[call];
}

const char *failure_kind_name(enum failure_kind kind)
{
	static const char *const names[FAILURE_KIND_COUNT] = {
		[FAILURE_TCP_CONNECT] = "tcp_connect", [FAILURE_ANY_BIND] = "bind",
		[FAILURE_TCP_LISTEN] = "listen",       [FAILURE_UDP_CONNECT] = "udp_connect",
		[FAILURE_UDP_SEND] = "udp_send",
	};

	return names[kind];
}
