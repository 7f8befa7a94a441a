#include "source/artefact/etl/afd.h"

#include "source/artefact/etl/event.h"

/* A request is logged when it begins and when it ends; there are other values for what the driver does of its own. */
enum { ENTER = 0, EXIT = 1 };

enum { STREAM = 1, DATAGRAM = 2, TCP = 6, UDP = 17 };

enum {
	VISTA_CREATE = 1,
	VISTA_BIND_4 = 2,
	VISTA_BIND_6 = 3,
	VISTA_CONNECT_4 = 4,
	VISTA_CONNECT_6 = 5,
	VISTA_CONNECTED = 6,
	VISTA_BIND_FAILED = 40,
	CREATE = 1000,
	CLOSE = 1001,
	CONNECT = 1017,
	CONNECT_TO = 1018,
	CONNECT_EX = 1020,
	CONNECT_EX_TO = 1021,
	BIND = 1029,
	BIND_TO = 1030,
};

/* The protocol may be 0, for what goes with the type. */
static void read_protocol(struct etw_payload *payload, struct etw_call *call)
{
	uint32_t type, protocol;

	etw_u32(payload); /* address family */
	type = etw_u32(payload);
	protocol = etw_u32(payload);
	if (type == STREAM && (protocol == TCP || !protocol))
		call->protocol_known = true;
	else if (type == DATAGRAM && (protocol == UDP || !protocol)) {
		call->protocol_known = true;
		call->protocol = PROTOCOL_UDP;
	}
}

/* 1017, 1020, 1029 end with the status; 1018 and 1021 have a buffer before, and an address behind it; 1030 that only. */
static bool read_request(struct etw_payload *payload, uint16_t id, struct etw_call *call)
{
	switch (id) {
	case CREATE:
		call->kind = CALL_CREATE;
		read_protocol(payload, call);
		call->pid = (uint32_t)etw_pointer(payload);
		call->status = etw_u32(payload);
		return true;
	case BIND:
	case BIND_TO:
		call->kind = CALL_BIND;
		call->status = etw_u32(payload);
		if (id == BIND_TO)
			etw_counted_sockaddr(payload, &call->local, &call->local_port);
		return true;
	case CONNECT:
	case CONNECT_EX:
		call->kind = CALL_CONNECT;
		call->status = etw_u32(payload);
		return true;
	case CONNECT_TO:
	case CONNECT_EX_TO:
		call->kind = CALL_CONNECT;
		etw_pointer(payload);
		etw_u32(payload);
		call->status = etw_u32(payload);
		etw_counted_sockaddr(payload, &call->remote, &call->remote_port);
		return true;
	default:
		return false;
	}
}

/*
 * Addresses stand there as they are in a SOCKADDR. In which order the two bytes of the port are is not told; as in a SOCKADDR
 * is assumed, and for port 0 it does not matter.
 */
static void read_vista_address(struct etw_payload *payload, bool is_six,
			       struct address *address, uint16_t *port)
{
	const uint8_t *bytes = etw_bytes(payload, is_six ? 16 : 4);
	const uint8_t *number = etw_bytes(payload, 2);

	if (!bytes || !number)
		return;
	*address = is_six ? address_ipv6(bytes) : address_ipv4(bytes);
	*port = (uint16_t)(number[0] << 8 | number[1]);
}

static bool read_vista(struct etw_payload *payload, uint16_t id, struct etw_call *call)
{
	call->process = etw_pointer(payload);
	call->endpoint = etw_pointer(payload);
	call->ended = true;
	switch (id) {
	case VISTA_CREATE:
		call->kind = CALL_CREATE;
		read_protocol(payload, call);
		call->pid = (uint32_t)etw_pointer(payload);
		return true;
	case VISTA_BIND_4:
	case VISTA_BIND_6:
		call->kind = CALL_BIND;
		read_vista_address(payload, id == VISTA_BIND_6, &call->local,
				   &call->local_port);
		call->status = etw_u32(payload);
		return true;
	case VISTA_BIND_FAILED:
		call->kind = CALL_BIND;
		call->status = etw_u32(payload);
		return true;
	case VISTA_CONNECT_4:
	case VISTA_CONNECT_6:
		call->kind = CALL_CONNECT;
		call->ended = false;
		read_vista_address(payload, id == VISTA_CONNECT_6, &call->remote,
				   &call->remote_port);
		return true;
	case VISTA_CONNECTED:
		call->kind = CALL_CONNECT;
		call->status = etw_u32(payload);
		return true;
	default:
		return false;
	}
}

static bool is_call(uint16_t id)
{
	return (id >= VISTA_CREATE && id <= VISTA_CONNECTED) || id == VISTA_BIND_FAILED ||
	       id == CREATE || id == CONNECT || id == CONNECT_TO || id == CONNECT_EX ||
	       id == CONNECT_EX_TO || id == BIND || id == BIND_TO;
}

enum afd_result afd_read(const struct etw_event *event, struct etw_call *call)
{
	struct etw_payload payload = etw_payload_of(event);
	uint32_t phase;

	if (!is_call(event->id))
		return AFD_OTHER;
	if (event->version)
		return AFD_UNKNOWN;
	*call = (struct etw_call){ 0 };
	if (event->id < CREATE) {
		read_vista(&payload, event->id, call);
		return payload.short_of ? AFD_UNKNOWN : AFD_CALL;
	}
	phase = etw_u32(&payload);
	etw_u32(&payload); /* location, AFD's own */
	call->process = etw_pointer(&payload);
	call->endpoint = etw_pointer(&payload);
	call->ended = phase == EXIT;
	read_request(&payload, event->id, call);
	if (payload.short_of)
		return AFD_UNKNOWN;
	return phase <= EXIT ? AFD_CALL : AFD_OTHER;
}

bool afd_learn(const struct etw_event *event, uint64_t *process, uint32_t *pid)
{
	struct etw_payload payload = etw_payload_of(event);
	uint32_t phase;

	if (event->id < CREATE || event->version || !event->process)
		return false;
	phase = etw_u32(&payload);
	etw_u32(&payload);
	*process = etw_pointer(&payload);
	*pid = event->process;
	return phase == ENTER && !payload.short_of && *process;
}

uint64_t afd_endpoint(const struct etw_event *event)
{
	struct etw_payload payload = etw_payload_of(event);

	if (event->id >= CREATE)
		etw_u64(&payload); /* phase and location */
	etw_pointer(&payload);
	return etw_pointer(&payload);
}

const uint16_t *afd_events(size_t *count)
{
	static const uint16_t events[] = { CREATE,     CLOSE,	      CONNECT, CONNECT_TO,
					   CONNECT_EX, CONNECT_EX_TO, BIND,    BIND_TO };

	*count = sizeof events / sizeof events[0];
	return events;
}

bool afd_closes(const struct etw_event *event)
{
	return event->id == CLOSE;
}
