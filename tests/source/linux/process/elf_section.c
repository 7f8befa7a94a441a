#include "source/linux/process/elf_section.h"

#include "suite.h"

#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Executables made by hand: header, names, section headers. A case changes a field to what a linker
 * would not write and asks again.
 */
static const char names[] = "\0.shstrtab\0.go.buildinfo\0.text";

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { OWN_ORDER = ELFDATA2LSB, FOREIGN_ORDER = ELFDATA2MSB };
#else
enum { OWN_ORDER = ELFDATA2MSB, FOREIGN_ORDER = ELFDATA2LSB };
#endif

enum { SHSTRTAB = 1, BUILDINFO = 11, TEXT = 25, NAMES_AT = 64, HEADERS_AT = 128 };

struct file64 {
	Elf64_Ehdr header;
	char names[HEADERS_AT - NAMES_AT];
	Elf64_Shdr sections[4];
};

struct file32 {
	Elf32_Ehdr header;
	char spare[NAMES_AT - sizeof(Elf32_Ehdr)];
	char names[HEADERS_AT - NAMES_AT];
	Elf32_Shdr sections[4];
};

static struct file64 make_file64(void)
{
	struct file64 file = {
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, OWN_ORDER, EV_CURRENT },
			.e_shoff = HEADERS_AT,
			.e_shentsize = sizeof(Elf64_Shdr),
			.e_shnum = 4,
			.e_shstrndx = 1,
		},
		.sections = {
			[1] = { .sh_name = SHSTRTAB, .sh_offset = NAMES_AT, .sh_size = sizeof names },
			[2] = { .sh_name = TEXT },
			[3] = { .sh_name = BUILDINFO },
		},
	};

	memcpy(file.names, names, sizeof names);
	return file;
}

static struct file32 make_file32(void)
{
	struct file32 file = {
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, OWN_ORDER, EV_CURRENT },
			.e_shoff = HEADERS_AT,
			.e_shentsize = sizeof(Elf32_Shdr),
			.e_shnum = 4,
			.e_shstrndx = 1,
		},
		.sections = {
			[1] = { .sh_name = SHSTRTAB, .sh_offset = NAMES_AT, .sh_size = sizeof names },
			[2] = { .sh_name = TEXT },
			[3] = { .sh_name = BUILDINFO },
		},
	};

	memcpy(file.names, names, sizeof names);
	return file;
}

static bool has(const void *bytes, size_t size, const char *name)
{
	int fd = memfd_create("executable", MFD_CLOEXEC);
	bool found;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	found = elf_section_exists(fd, name);
	close(fd);
	return found;
}

static bool is_go(const struct file64 *file)
{
	return has(file, sizeof *file, ".go.buildinfo");
}

TEST(a_section_is_found_by_its_name)
{
	struct file64 wide = make_file64();
	struct file32 narrow = make_file32();

	assert_true(is_go(&wide));
	assert_true(has(&narrow, sizeof narrow, ".go.buildinfo"));
	assert_true(has(&wide, sizeof wide, ".text"));
	assert_true(has(&narrow, sizeof narrow, ".text"));
}

TEST(another_name_is_not_found)
{
	struct file64 file = make_file64();

	assert_false(has(&file, sizeof file, ".go.buildinf"));
	assert_false(has(&file, sizeof file, ".go.buildinfo2"));
	assert_false(has(&file, sizeof file, ".data"));
	file.sections[3].sh_name = TEXT; /* the name alone is no section */
	assert_false(is_go(&file));
}

TEST(a_file_that_ends_anywhere_has_no_section)
{
	struct file64 wide = make_file64();
	struct file32 narrow = make_file32();

	for (size_t size = 0; size < sizeof wide; size++)
		assert_that(!has(&wide, size, ".go.buildinfo"), "%zu bytes", size);
	for (size_t size = 0; size < sizeof narrow; size++)
		assert_that(!has(&narrow, size, ".go.buildinfo"), "32-bit, %zu bytes", size);
}

TEST(what_is_no_elf_file_has_no_section)
{
	struct file64 file = make_file64();

	assert_false(has("#!/bin/sh\nexec java \"$@\"\n", 25, ".go.buildinfo"));
	file.header.e_ident[EI_MAG0] = 'M';
	assert_false(is_go(&file));
	file = make_file64();
	file.header.e_ident[EI_CLASS] = 3;
	assert_false(is_go(&file));
	file.header.e_ident[EI_CLASS] = ELFCLASS32; /* read as what it is not */
	assert_false(is_go(&file));
}

TEST(a_foreign_byte_order_is_refused)
{
	struct file64 file = make_file64();

	file.header.e_ident[EI_DATA] = FOREIGN_ORDER;
	assert_false(is_go(&file));
	file.header.e_ident[EI_DATA] = 0;
	assert_false(is_go(&file));
}

TEST(a_table_beyond_the_file_is_refused)
{
	static const Elf64_Off offsets[] = {
		0, 129, sizeof(struct file64), 1 << 30, INT64_MAX, UINT64_MAX, UINT64_MAX - 63,
	};
	struct file64 file = make_file64();

	for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
		file.header.e_shoff = offsets[i];
		assert_that(!is_go(&file), "offset %zu", i);
	}
}

TEST(counts_that_cannot_be_are_refused)
{
	static const Elf64_Half counts[] = { 0, 1, 5, 1024, 1025, 0xff00, 0xffff };
	static const Elf64_Half sizes[] = { 0, 1, 40, 63, 65, 0xffff };
	static const Elf64_Half names_indexes[] = { 4, 0xff00, 0xffff };
	struct file64 file = make_file64();

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		file.header.e_shnum = counts[i];
		assert_that(!is_go(&file), "%u sections", counts[i]);
	}
	file = make_file64();
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		file.header.e_shentsize = sizes[i];
		assert_that(!is_go(&file), "%u bytes each", sizes[i]);
	}
	file = make_file64();
	for (size_t i = 0; i < sizeof names_indexes / sizeof names_indexes[0]; i++) {
		file.header.e_shstrndx = names_indexes[i];
		assert_that(!is_go(&file), "names in section %u", names_indexes[i]);
	}
}

TEST(names_outside_their_section_are_refused)
{
	static const Elf64_Xword sizes[] = {
		0,	    1,	       BUILDINFO + 13, 64 * 1024, 64 * 1024 + 1,
		UINT32_MAX, INT64_MAX, UINT64_MAX
	};
	static const Elf64_Off offsets[] = { sizeof(struct file64), INT64_MAX, UINT64_MAX - 8,
					     UINT64_MAX };
	static const Elf64_Word at[] = { BUILDINFO + 1, sizeof names, INT32_MAX, UINT32_MAX,
					 UINT32_MAX - 13 };
	struct file64 file = make_file64();

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		file.sections[1].sh_size = sizes[i];
		assert_that(!is_go(&file), "size %zu", i);
	}
	file = make_file64();
	for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
		file.sections[1].sh_offset = offsets[i];
		assert_that(!is_go(&file), "offset %zu", i);
	}
	file = make_file64();
	for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
		file.sections[3].sh_name = at[i];
		assert_that(!is_go(&file), "name %zu", i);
	}
}

SUITE(elf_section, cmocka_unit_test(a_section_is_found_by_its_name),
      cmocka_unit_test(another_name_is_not_found),
      cmocka_unit_test(a_file_that_ends_anywhere_has_no_section),
      cmocka_unit_test(what_is_no_elf_file_has_no_section),
      cmocka_unit_test(a_foreign_byte_order_is_refused),
      cmocka_unit_test(a_table_beyond_the_file_is_refused),
      cmocka_unit_test(counts_that_cannot_be_are_refused),
      cmocka_unit_test(names_outside_their_section_are_refused));
