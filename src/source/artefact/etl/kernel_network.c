#include "source/artefact/etl/kernel_network.h"

#include "source/artefact/etl/bytes.h"
#include "source/artefact/etl/event.h"

/* Of IPv6 each number is higher by 16. */
enum {
	TCP_SENT = 10,
	TCP_CONNECT = 12,
	TCP_DISCONNECT = 13,
	TCP_ACCEPT = 15,
	TCP_RECONNECT = 16,
	TCP_COPIED = 18,
	UDP_SENT = 42,
	UDP_RECEIVED = 43,
	SIX = 16,
};

static bool is_tcp(unsigned id)
{
	return id >= TCP_SENT && id <= TCP_COPIED && id != 17; /* 17 has two numbers only */
}

static bool is_udp(unsigned id)
{
	return id == UDP_SENT || id == UDP_RECEIVED;
}

bool kernel_network_read(const struct etw_event *event, struct network_event *network)
{
	struct etw_payload payload = etw_payload_of(event);
	bool is_six = event->id >= SIX &&
		      (is_tcp(event->id - SIX) || is_udp(event->id - SIX)) &&
		      !is_tcp(event->id);
	unsigned id = is_six ? event->id - SIX : event->id;
	const uint8_t *port;

	if (event->version || (!is_tcp(id) && !is_udp(id)))
		return false;
	*network = (struct network_event){
		.kind = id == TCP_CONNECT || id == TCP_RECONNECT ? NETWORK_CONNECT :
			id == TCP_DISCONNECT			 ? NETWORK_DISCONNECT :
			id == TCP_ACCEPT			 ? NETWORK_ACCEPT :
								   NETWORK_DATA,
		.protocol = is_udp(id) ? PROTOCOL_UDP : PROTOCOL_TCP,
		.pid = etw_u32(&payload),
	};
	etw_u32(&payload);		      /* size */
	etw_bytes(&payload, is_six ? 32 : 8); /* addresses: remote, local */
	etw_u16(&payload);		      /* remote port */
	port = etw_bytes(&payload, 2);
	if (!port)
		return false;
	network->local_port = be16(port);
	return true;
}
