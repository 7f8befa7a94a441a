/*
 * The tables of processes and handles, and what the driver of sockets answers, as the system would never have written them.
 * A table is taken where it has an entry.
 */
#include "fuzz.h"

#include "source/artefact/windows/afd_endpoint.h"
#include "source/artefact/windows/handle_table.h"
#include "source/artefact/windows/process_table.h"

#include <stdbool.h>
#include <string.h>

/* Where the bytes of the seed say that they were. */
enum { WHERE = 0x10000000 };

static bool has_processes(const uint8_t *data, size_t size)
{
	struct process_table table;
	struct process_entry entry;
	bool any = false;

	process_table_open(&table, data, size, WHERE);
	while (process_table_next(&table, &entry))
		any |= strlen(entry.name) < sizeof entry.name;
	return any;
}

static bool has_handles(const uint8_t *data, size_t size)
{
	struct handle_table table;
	bool any = false;

	if (!handle_table_open(&table, data, size))
		return false;
	for (size_t i = 0; i < table.count; i++)
		any |= handle_table_at(&table, i).pid > 0;
	return any;
}

int fuzz_one(const uint8_t *data, size_t size)
{
	struct afd_endpoint endpoint = { 0 };

	afd_endpoint_address(data, size, &endpoint.local, &endpoint.local_port);
	afd_endpoint_context(data, size, &endpoint);
	return has_processes(data, size) + has_handles(data, size) > 0;
}
