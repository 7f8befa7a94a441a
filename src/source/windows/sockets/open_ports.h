#pragma once

#include "snapshot/socket.h"
#include "source/windows/sockets/places.h"

struct afd_walk;

/*
 * The ports of all sockets that a walk found open, each with the process that has it.
 */
struct places open_ports(const struct afd_walk *walk);

/* Who has that port open; -1: nobody, or several, as programs hand on what they have open. */
int32_t open_ports_owner(const struct places *open, enum protocol protocol,
			 const struct address *local, uint16_t port);
