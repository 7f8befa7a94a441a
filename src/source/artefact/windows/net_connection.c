#include "source/artefact/windows/net_connection.h"

#include <stdio.h>
#include <string.h>

/*
 * States up to 12 are those of MIB_TCP_STATE. Get-NetTCPConnection knows one more, Bound (learn.microsoft.com,
 * "Get-NetTCPConnection", -State), whose number no page tells: whatever is beyond is taken for it.
 */
enum { LAST_DOCUMENTED = 12 };

bool net_connection_bound(const struct net_connection *connection, struct dossier_socket *row)
{
	char address[ADDRESS_TEXT_SIZE];

	*row = (struct dossier_socket){
		.protocol = PROTOCOL_TCP,
		.state = SOCKET_BOUND,
		.pid = connection->pid > 0 && connection->pid <= INT32_MAX ?
			       (int32_t)connection->pid :
			       -1,
	};
	if (connection->state <= LAST_DOCUMENTED || connection->port <= 0 ||
	    connection->port > UINT16_MAX)
		return false;
	snprintf(address, sizeof address, "%s", connection->address);
	address[strcspn(address, "%")] = '\0';
	row->local_port = (uint16_t)connection->port;
	return address_parse(address, &row->local);
}
