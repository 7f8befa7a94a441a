#pragma once

#include "source/artefact/dossier.h"

/*
 * One row of netstat on Windows, in any language:
 *
 *     TCP|UDP  local  remote  [state]  [pid]
 *
 * Of Linux's it differs by the upper case and by having no numbers before the addresses.
 */
enum netstat_row_kind {
	NETSTAT_NO_ROW,
	NETSTAT_ROW,
	NETSTAT_UNREAD, /* a row, but with names for numbers, or cut */
};

struct netstat_row {
	struct dossier_socket socket; /* without its state */
	struct span state;	      /* as it stands there; empty: there is none */
};

enum netstat_row_kind netstat_row_read(const struct line *line, struct netstat_row *row);
