#pragma once

#include "source/artefact/windows/mib_table.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Tables of iphlpapi.dll as tests make them, by the sizes that the structures of Windows have (tcpmib.h, udpmib.h).
 */
struct mib_row {
	uint32_t state, pid;
	uint8_t local[16], remote[16]; /* IPv4: the first four */
	uint16_t local_port, remote_port;
	uint64_t created; /* FILETIME */
};

struct mib_bytes {
	uint8_t *bytes;
	size_t size;
};

/* Freed by mib_bytes_free(). `claimed`: how many rows it says it has. */
struct mib_bytes mib_bytes_of(enum mib_table_kind kind, const struct mib_row *rows,
			      size_t count, uint32_t claimed);
void mib_bytes_free(struct mib_bytes *table);
