#pragma once

#include "source/artefact/dossier.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Rows of a listing as a snapshot takes them, whoever listed them: a file, or Windows itself.
 */
struct row_listing {
	const struct dossier_socket *rows;
	size_t count;
	bool bound_listed; /* ports that are bound and have no connection are among them */
};

/*
 * Hands over those of the protocol: listeners first, since what has their port serves clients; and a port once, which is
 * listed as bound and with the connection that has it.
 */
void row_each(const struct row_listing *listing, enum protocol protocol,
	      void (*take)(void *context, const struct dossier_socket *row), void *context);

enum owner_kind row_owner_kind(const struct dossier_socket *row);
struct socket_record row_record(const struct dossier_socket *row, bool is_windows);
