#pragma once

#include "snapshot/socket.h"

#include <stdbool.h>
#include <stdint.h>

struct etw_event;

/*
 * Microsoft-Windows-Kernel-Network: data, connects and accepts by process. It knows no call that fails for want of a port.
 */
enum network_kind { NETWORK_DATA, NETWORK_CONNECT, NETWORK_DISCONNECT, NETWORK_ACCEPT };

struct network_event {
	enum network_kind kind;
	enum protocol protocol;
	uint32_t pid; /* of the payload; the one that logged it is the kernel, mostly */
	uint16_t local_port;
};

/* false: it is none that names a process, or not as long as it should be. */
bool kernel_network_read(const struct etw_event *event, struct network_event *network);
