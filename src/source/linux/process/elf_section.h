#pragma once

#include <stdbool.h>

/*
 * Whether an executable, open for reading, has a section of that name. Only its ELF header, its
 * section headers and their names are read. They may say anything: what is too large, lies outside
 * the file or is of a foreign byte order has no section.
 */
bool elf_section_exists(int fd, const char *name);
