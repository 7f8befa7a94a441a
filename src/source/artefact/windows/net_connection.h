#pragma once

#include "source/artefact/dossier.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A row of MSFT_NetTCPConnection, as WMI and Get-NetTCPConnection have it.
 */
struct net_connection {
	const char *address;	  /* "10.0.0.5", "fe80::1%12" */
	int64_t port, state, pid; /* -1: not told */
};

/* Whether it is bound and has no connection; `row` is that then. */
bool net_connection_bound(const struct net_connection *connection, struct dossier_socket *row);
