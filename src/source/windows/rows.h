#pragma once

#include "source/artefact/dossier.h"

/*
 * Sockets as the tables of Windows list them, one row each, until all tables are read: a listener must be known before
 * what it serves, and a port that is listed as bound and as connected is held once.
 */
struct rows {
	struct dossier_socket *items;
	size_t count, capacity;
};

void rows_add(struct rows *rows, const struct dossier_socket *row);
void rows_free(struct rows *rows);
