#pragma once

#include "snapshot/socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the driver of Windows sockets, \Device\Afd, answers for one of them, from the bytes of its answers.
 */
enum {
	AFD_GET_ADDRESS = 0x1202f, /* IOCTL codes; none needs a right on the handle */
	AFD_GET_REMOTE_ADDRESS = 0x1203f,
	AFD_GET_CONTEXT = 0x12043,
};

struct afd_endpoint {
	bool is_known; /* the context was told: the rest of the first three fields is a reading */
	bool is_tcp, is_udp;
	bool is_connected, is_listening;
	struct address local, remote; /* FAMILY_NONE: it has none, or of another family */
	uint16_t local_port, remote_port;
};

/* Of AFD_GET_ADDRESS and AFD_GET_REMOTE_ADDRESS. false: no address of IPv4 or IPv6. */
bool afd_endpoint_address(const uint8_t *bytes, size_t size, struct address *address,
			  uint16_t *port);

/* Of AFD_GET_CONTEXT, into the first fields. */
void afd_endpoint_context(const uint8_t *bytes, size_t size, struct afd_endpoint *endpoint);
