#pragma once

#include "snapshot/netns.h"

/*
 * Who owns a port: connect() or bind()? A socket dump does not say, and it decides whether a new
 * connect() may use the port. This asks the kernel itself, port by port, without a packet.
 */

/*
 * Settles `ports` in the namespace this thread is in and sorts them into netns->known_bind and
 * netns->known_connect. Ports outside the ephemeral range are left alone. Stops after a second;
 * netns->untested_why tells why a port stayed open.
 */
void port_test(struct netns *netns, const struct port_set *ports);
