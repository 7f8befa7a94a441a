#include "source/windows/sockets/open_ports.h"

#include "source/windows/process/afd.h"

static void note(struct places *open, const struct afd_socket *socket)
{
	const struct afd_endpoint *endpoint = &socket->endpoint;

	places_each_at(place, open, endpoint->local.family, endpoint->local_port) {
		if (!address_equal(&place->local, &endpoint->local) ||
		    (place->is_protocol_known && endpoint->is_known &&
		     place->is_udp != endpoint->is_udp))
			continue;
		place->pid = place->pid == socket->pid ? place->pid : -1;
		return;
	}
	places_add(open, &(struct place){
				 .local = endpoint->local,
				 .port = endpoint->local_port,
				 .pid = socket->pid,
				 .is_protocol_known = endpoint->is_known,
				 .is_udp = endpoint->is_udp,
			 });
}

struct places open_ports(const struct afd_walk *walk)
{
	struct places open = { .count = 0 };

	for (size_t i = 0; i < walk->count; i++)
		if (walk->sockets[i].endpoint.local.family &&
		    walk->sockets[i].endpoint.local_port)
			note(&open, &walk->sockets[i]);
	return open;
}

int32_t open_ports_owner(const struct places *open, enum protocol protocol,
			 const struct address *local, uint16_t port)
{
	int32_t pid = -1;

	places_each_at(place, open, local->family, port) {
		if (!address_equal(&place->local, local) ||
		    (place->is_protocol_known && place->is_udp != (protocol == PROTOCOL_UDP)))
			continue;
		if (place->pid < 0 || (pid > 0 && pid != place->pid))
			return -1;
		pid = place->pid;
	}
	return pid;
}
