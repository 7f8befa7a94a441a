#include "source/artefact/etl/sockets.h"

#include <stddef.h>

static struct etw_socket *place_of(struct etw_sockets *sockets, uint64_t endpoint)
{
	uint64_t hash = endpoint * UINT64_C(0x9e3779b97f4a7c15);

	return sockets->items[(size_t)(hash >> 32) % SOCKETS_PLACES];
}

static struct etw_socket *find(struct etw_sockets *sockets, uint64_t endpoint)
{
	struct etw_socket *place = place_of(sockets, endpoint);

	for (int i = 0; i < SOCKETS_SHARE; i++)
		if (place[i].endpoint == endpoint)
			return &place[i];
	return NULL;
}

static struct etw_socket *find_or_add(struct etw_sockets *sockets, uint64_t endpoint)
{
	struct etw_socket *found = find(sockets, endpoint), *place;

	if (found)
		return found;
	place = found = place_of(sockets, endpoint);
	for (int i = 1; i < SOCKETS_SHARE; i++)
		if (place[i].seen < found->seen)
			found = &place[i];
	*found = (struct etw_socket){ .endpoint = endpoint };
	return found;
}

static void learn(struct etw_socket *socket, const struct etw_call *call)
{
	if (call->kind == CALL_CREATE)
		*socket = (struct etw_socket){
			.endpoint = call->endpoint,
			.pid = call->pid,
			.protocol_known = call->protocol_known,
			.protocol = (uint8_t)call->protocol,
		};
	if (call->local.family) {
		socket->local = call->local;
		socket->local_port = call->local_port;
	}
	if (call->remote.family) {
		socket->remote = call->remote;
		socket->remote_port = call->remote_port;
	}
}

static void complete(struct etw_call *call, struct etw_socket *socket)
{
	if (!call->pid)
		call->pid = socket->pid;
	if (!call->protocol_known) {
		call->protocol_known = socket->protocol_known;
		call->protocol = (enum protocol)socket->protocol;
	}
	if (!call->local.family) {
		call->local = socket->local;
		call->local_port = socket->local_port;
	}
	if (call->kind == CALL_CONNECT && !call->remote.family) {
		call->remote = socket->remote;
		call->remote_port = socket->remote_port;
	}
	/* What a bind asked for that failed is not the socket's. */
	if (call->kind == CALL_BIND)
		socket->local = (struct address){ 0 };
}

void etw_sockets_take(struct etw_sockets *sockets, struct etw_call *call)
{
	struct etw_socket *socket;

	if (!call->endpoint)
		return;
	socket = find_or_add(sockets, call->endpoint);
	if (etw_call_failed(call))
		complete(call, socket);
	else
		learn(socket, call);
	socket->seen = ++sockets->clock;
}

void etw_sockets_forget(struct etw_sockets *sockets, uint64_t endpoint)
{
	struct etw_socket *socket = endpoint ? find(sockets, endpoint) : NULL;

	if (socket)
		*socket = (struct etw_socket){ 0 };
}
