#include "source/artefact/windows/handle_table.h"

#include "source/artefact/dump/little_endian.h"

/*
 * SYSTEM_HANDLE_INFORMATION_EX: two numbers of pointer size, how many there are and nothing; then entries of 40 bytes: Object,
 * UniqueProcessId, HandleValue (pointer size), GrantedAccess (u32), CreatorBackTraceIndex (u16), ObjectTypeIndex (u16),
 * HandleAttributes (u32), Reserved (u32). No header of Microsoft's has it; System Informer, phnt/include/ntexapi.h, and Wine,
 * include/winternl.h, agree. The object's address is zero for who has no privilege, and not used.
 */
enum { HEADER = 16, ENTRY = 40 };
enum { ENTRY_PID = 8, ENTRY_HANDLE = 16, ENTRY_ACCESS = 24, ENTRY_TYPE = 30 };

bool handle_table_open(struct handle_table *table, const void *bytes, size_t size)
{
	uint64_t claimed;
	size_t there;

	*table = (struct handle_table){ NULL };
	if (size < HEADER)
		return false;
	claimed = little_endian_64(bytes);
	there = (size - HEADER) / ENTRY;
	table->entries = (const uint8_t *)bytes + HEADER;
	table->count = claimed < there ? (size_t)claimed : there;
	table->missing = (size_t)(claimed - table->count);
	return true;
}

struct handle_entry handle_table_at(const struct handle_table *table, size_t index)
{
	const uint8_t *bytes = table->entries + index * ENTRY;
	uint64_t pid = little_endian_64(bytes + ENTRY_PID);

	return (struct handle_entry){
		.pid = pid <= INT32_MAX ? (int32_t)pid : 0,
		.handle = little_endian_64(bytes + ENTRY_HANDLE),
		.access = little_endian_32(bytes + ENTRY_ACCESS),
		.type = little_endian_16(bytes + ENTRY_TYPE),
	};
}
