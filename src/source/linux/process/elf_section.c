#include "source/linux/process/elf_section.h"

#include "base/arena.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The header says where the table of sections lies and which of them holds their names (elf(5)). A
 * program has some 30 sections, so a file is three short reads, wherever they lie in it. Files with
 * more than 65,279 sections keep the counts elsewhere; they are not read.
 */
enum { MOST_SECTIONS = 1024, LONGEST_NAMES = 64 * 1024 };

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { OWN_ORDER = ELFDATA2LSB };
#else
enum { OWN_ORDER = ELFDATA2MSB };
#endif

/* What 32-bit and 64-bit files say alike. */
struct table {
	bool wide;
	uint64_t offset;
	size_t count, entry_size, names_index;
};

struct section {
	uint64_t name, offset, size;
};

static bool read_at(int fd, void *buffer, size_t size, uint64_t offset)
{
	char *to = buffer;

	if (offset > INT64_MAX - size)
		return false;
	while (size) {
		ssize_t got = pread(fd, to, size, (off_t)offset);

		if (got <= 0)
			return false;
		to += got;
		offset += (uint64_t)got;
		size -= (size_t)got;
	}
	return true;
}

static bool read_header(int fd, struct table *table)
{
	unsigned char ident[EI_NIDENT];
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;

	if (!read_at(fd, ident, sizeof ident, 0) || memcmp(ident, ELFMAG, SELFMAG) != 0 ||
	    ident[EI_DATA] != OWN_ORDER)
		return false;
	if (ident[EI_CLASS] == ELFCLASS64 && read_at(fd, &wide, sizeof wide, 0))
		*table = (struct table){ true, wide.e_shoff, wide.e_shnum, wide.e_shentsize,
					 wide.e_shstrndx };
	else if (ident[EI_CLASS] == ELFCLASS32 && read_at(fd, &narrow, sizeof narrow, 0))
		*table = (struct table){ false, narrow.e_shoff, narrow.e_shnum,
					 narrow.e_shentsize, narrow.e_shstrndx };
	else
		return false;
	return table->offset && table->count <= MOST_SECTIONS &&
	       table->names_index < table->count &&
	       table->entry_size == (table->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
}

static struct section section_at(const struct table *table, const char *headers, size_t index)
{
	const char *at = headers + index * table->entry_size;
	Elf64_Shdr wide;
	Elf32_Shdr narrow;

	if (table->wide) {
		memcpy(&wide, at, sizeof wide);
		return (struct section){ wide.sh_name, wide.sh_offset, wide.sh_size };
	}
	memcpy(&narrow, at, sizeof narrow);
	return (struct section){ narrow.sh_name, narrow.sh_offset, narrow.sh_size };
}

static bool has_name(const struct section *section, const char *names, uint64_t length,
		     const char *name)
{
	size_t size = strlen(name) + 1;

	return size <= length && section->name <= length - size &&
	       !memcmp(names + section->name, name, size);
}

bool elf_section_exists(int fd, const char *name)
{
	struct table table;
	struct section strings;
	char *headers, *names = NULL;
	bool found = false;

	if (!read_header(fd, &table))
		return false;
	headers = memory_zeroed(table.count, table.entry_size);
	if (!read_at(fd, headers, table.count * table.entry_size, table.offset))
		goto out;
	strings = section_at(&table, headers, table.names_index);
	if (!strings.size || strings.size > LONGEST_NAMES)
		goto out;
	names = memory_zeroed((size_t)strings.size, 1);
	if (!read_at(fd, names, (size_t)strings.size, strings.offset))
		goto out;
	for (size_t i = 0; i < table.count && !found; i++) {
		struct section section = section_at(&table, headers, i);

		found = has_name(&section, names, strings.size, name);
	}
out:
	free(headers);
	free(names);
	return found;
}
