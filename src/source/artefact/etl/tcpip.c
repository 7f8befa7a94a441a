#include "source/artefact/etl/tcpip.h"

#include "source/artefact/etl/event.h"

enum {
	BIND_FAILED_PORT = 1006,
	CONNECT_FAILED_PORT = 1050,
	RESERVATION_FAILED = 1053,
	RESERVATION_GLOBAL = 1054,
	LISTENER_FAILED_PORT = 1122,
	UDP_BIND_FAILED_PORT = 1394,
	RESERVATION_GLOBAL_NEW = 1519,
};

static void read_local(struct etw_payload *payload, struct etw_call *call)
{
	etw_counted_sockaddr(payload, &call->local, &call->local_port);
}

/* Version 1 of 1006 has the endpoint in front; it is TCP/IP's own, and not the one of AFD. Else later versions only add
 * at the end. */
static bool read_event(struct etw_payload *payload, const struct etw_event *event,
		       struct etw_call *call)
{
	switch (event->id) {
	case BIND_FAILED_PORT:
		call->kind = CALL_BIND;
		if (event->version == 1)
			etw_pointer(payload);
		read_local(payload, call);
		call->status = etw_u32(payload);
		return event->version <= 1;
	case UDP_BIND_FAILED_PORT:
		call->kind = CALL_BIND;
		call->protocol = PROTOCOL_UDP;
		read_local(payload, call);
		call->status = etw_u32(payload);
		return event->version == 0;
	case CONNECT_FAILED_PORT:
		call->kind = CALL_CONNECT;
		read_local(payload, call);
		etw_counted_sockaddr(payload, &call->remote, &call->remote_port);
		call->status = etw_u32(payload);
		call->pid = etw_u32(payload);
		return event->version <= 1;
	case LISTENER_FAILED_PORT:
		call->kind = CALL_LISTEN;
		etw_pointer(payload);
		read_local(payload, call);
		call->status = etw_u32(payload);
		call->pid = etw_u32(payload);
		return event->version <= 1;
	case RESERVATION_FAILED:
	case RESERVATION_GLOBAL:
	case RESERVATION_GLOBAL_NEW:
		call->kind = CALL_RESERVE;
		call->pid = etw_u32(payload);
		call->status = etw_u32(payload);
		if (event->id == RESERVATION_GLOBAL_NEW) {
			etw_u32(payload); /* kind of reservation */
			call->protocol = etw_u32(payload) == 17 ? PROTOCOL_UDP : PROTOCOL_TCP;
		}
		return event->version <= (event->id == RESERVATION_GLOBAL_NEW ? 0 : 1);
	default:
		return false;
	}
}

const uint16_t *tcpip_events(size_t *count)
{
	static const uint16_t events[] = {
		BIND_FAILED_PORT,	CONNECT_FAILED_PORT,  RESERVATION_FAILED,
		RESERVATION_GLOBAL,	LISTENER_FAILED_PORT, UDP_BIND_FAILED_PORT,
		RESERVATION_GLOBAL_NEW,
	};

	*count = sizeof events / sizeof events[0];
	return events;
}

static bool is_failure(uint16_t id)
{
	size_t count, i = 0;
	const uint16_t *events = tcpip_events(&count);

	while (i < count && events[i] != id)
		i++;
	return i < count;
}

enum tcpip_result tcpip_read(const struct etw_event *event, struct etw_call *call)
{
	struct etw_payload payload = etw_payload_of(event);

	if (!is_failure(event->id))
		return TCPIP_OTHER;
	*call = (struct etw_call){ .ended = true,
				   .by_transport = true,
				   .protocol_known = true };
	if (!read_event(&payload, event, call) || payload.short_of)
		return TCPIP_UNKNOWN;
	return TCPIP_CALL;
}
