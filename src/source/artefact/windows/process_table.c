#include "source/artefact/windows/process_table.h"

#include "base/filetime.h"
#include "source/artefact/dump/little_endian.h"
#include "source/artefact/dump/utf16.h"

/*
 * Offsets on 64 bits. Microsoft describes the beginning of each entry, its name and number (learn.microsoft.com,
 * "NtQuerySystemInformation function (winternl.h)", SYSTEM_PROCESS_INFORMATION); the time of creation stands in what is
 * "Reserved" there since the first NT: System Informer, phnt/include/ntexapi.h, and Wine, include/winternl.h, agree.
 */
enum {
	NEXT = 0,	  /* u32: bytes to the next, 0: the last */
	THREADS = 4,	  /* u32 */
	CREATED = 32,	  /* FILETIME */
	NAME_LENGTH = 56, /* UNICODE_STRING: u16 in bytes, u16, pointer behind a gap */
	NAME_ADDRESS = 64,
	PID = 80,     /* 64 bits, as it is a HANDLE */
	HANDLES = 96, /* u32 */
	ENTRY_LEAST = 100,
};

void process_table_open(struct process_table *table, const void *bytes, size_t size,
			uint64_t address)
{
	*table = (struct process_table){ .bytes = bytes, .size = size, .address = address };
}

/* A name that is not within the bytes is none. */
static void take_name(const struct process_table *table, const uint8_t *bytes,
		      struct process_entry *entry)
{
	uint64_t address = little_endian_64(bytes + NAME_ADDRESS);
	size_t length = little_endian_16(bytes + NAME_LENGTH), from;

	entry->name[0] = '\0';
	if (address < table->address || address - table->address > table->size)
		return;
	from = (size_t)(address - table->address);
	if (length <= table->size - from)
		utf16_to_utf8(table->bytes + from, length, entry->name, sizeof entry->name);
}

static void step(struct process_table *table, uint32_t next)
{
	if (!next)
		table->ended = true;
	else if (next < ENTRY_LEAST || next > table->size - table->at)
		table->ended = table->broken = true;
	else
		table->at += next;
}

bool process_table_next(struct process_table *table, struct process_entry *entry)
{
	while (!table->ended) {
		const uint8_t *bytes = table->bytes + table->at;
		uint64_t pid;

		if (table->size - table->at < ENTRY_LEAST) {
			table->ended = table->broken = true;
			break;
		}
		pid = little_endian_64(bytes + PID);
		step(table, little_endian_32(bytes + NEXT));
		/* Number 0 is the idle process, which has nothing open and is nobody's culprit. */
		if (!pid || pid > INT32_MAX)
			continue;
		entry->pid = (int32_t)pid;
		entry->created = little_endian_64(bytes + CREATED);
		entry->handles = little_endian_32(bytes + HANDLES);
		entry->threads = little_endian_32(bytes + THREADS);
		take_name(table, bytes, entry);
		return true;
	}
	return false;
}

int64_t process_time_s(uint64_t filetime)
{
	int64_t seconds = filetime_to_unix_s(filetime);

	return seconds > 0 ? seconds : -1;
}
