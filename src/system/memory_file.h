#pragma once

#include <stddef.h>
#include <stdio.h>

/*
 * A stream whose text is kept in memory, to be written at once or not at all. Where that cannot be had the program ends as
 * it does when memory has run out.
 */
struct memory_file {
	FILE *out;
	char *text; /* ended by NUL; what was written until memory_file_flush() */
	size_t size;
};

void memory_file_open(struct memory_file *file);
void memory_file_flush(struct memory_file *file);
void memory_file_clear(struct memory_file *file); /* what comes next is the beginning */
void memory_file_close(struct memory_file *file); /* its text, too */
