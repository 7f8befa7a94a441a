#pragma once

#include "source/artefact/dump/columns.h"
#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dossier;

/*
 * Sockets as the tools print them that search a memory dump. Their words for states are of the tools, and in no other language than
 * English.
 */
struct socket_row {
	struct span protocol; /* "TCPv4" */
	struct span local, local_port, remote,
		remote_port; /* without a port: it stands behind the address */
	struct span state, pid, owner;
};

/* What was seen besides those that are in the dossier's table. */
struct socket_rows {
	uint64_t closed; /* freed already, or about to be: they hold no port */
};

/* Whether it is a row of a socket, understood or not. */
bool socket_row_take(struct socket_rows *rows, struct dossier *dossier,
		     const struct socket_row *row);

/* The same with a heading. The columns in this order: protocol, local, its port, remote, its port, state, pid, owner. */
enum { SOCKET_COLUMNS = 8, SOCKET_COLUMNS_NEEDED = 7 };

struct socket_table {
	struct columns columns;
	struct socket_rows rows;
};

/* A line of such a listing: its heading, which begins a table; its rows, and blank lines, while it lasts. */
bool socket_table_take(struct socket_table *table, struct dossier *dossier,
		       const struct line *line, const char *const *names, const char *what);

/* Begins a table as these tools know it: no ports that are bound and have no connection. */
void socket_rows_begin(struct dossier *dossier, const char *what);
void socket_rows_end(struct socket_rows *rows, struct dossier *dossier);
