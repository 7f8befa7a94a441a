#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * All handles of a machine, as NtQuerySystemInformation(SystemExtendedHandleInformation) of 64-bit Windows tells them.
 */
struct handle_entry {
	int32_t pid; /* > 0; 0: it has none that a process can have */
	uint64_t handle;
	uint32_t access; /* what its owner may do with it */
	uint16_t type;	 /* a number for the type, another one in each version of Windows */
};

struct handle_table {
	const uint8_t *entries;
	size_t count;	/* that are there */
	size_t missing; /* more that it claims to have */
};

/* false: not even its beginning is there. The bytes must live as long. */
bool handle_table_open(struct handle_table *table, const void *bytes, size_t size);

/* index < count */
struct handle_entry handle_table_at(const struct handle_table *table, size_t index);
