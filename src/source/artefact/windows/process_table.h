#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * All processes of a machine, as NtQuerySystemInformation(SystemProcessInformation) of 64-bit Windows tells them: a chain of
 * SYSTEM_PROCESS_INFORMATION, each with its threads behind it.
 */
enum { PROCESS_NAME_MOST = 512 };

struct process_entry {
	int32_t pid;	  /* > 0 */
	uint64_t created; /* FILETIME: units of 100 ns since 1601 UTC */
	uint32_t handles, threads;
	char name[PROCESS_NAME_MOST]; /* of its program, UTF-8; empty: it has none */
};

struct process_table {
	const uint8_t *bytes;
	size_t size, at;
	uint64_t
		address; /* where the bytes were when the system filled them: names are told by address */
	bool ended, broken;
};

void process_table_open(struct process_table *table, const void *bytes, size_t size,
			uint64_t address);

/* false: there is none any more, and `broken` says whether the chain ended where it should not. */
bool process_table_next(struct process_table *table, struct process_entry *entry);

/* Seconds since 1970 UTC; -1: not known. */
int64_t process_time_s(uint64_t filetime);
