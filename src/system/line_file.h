#pragma once

#include "base/error.h"

#include "system/memory_file.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * A file of lines that is to be trusted as far as it goes: it is never written over another, only its
 * owner may read it, and when the disk is full it ends with a whole line.
 */
struct line_file {
	const char *path;
	struct memory_file
		lines; /* `lines.out` takes what is written, until line_file_flush() */
	int file;
	int broken; /* errno of the first write that failed: nothing is written after it */
	bool regular;
	int64_t good; /* bytes that are written, all of them whole lines */
};

/* 0, or -1 with a sentence. `path` must live as long. */
int line_file_open(struct line_file *file, const char *path, struct error *error);

/* When all lines are whole. -1 with a sentence: nothing more should be written. */
int line_file_flush(struct line_file *file, struct error *error);

/* With what is left, and to the disk. */
int line_file_close(struct line_file *file, struct error *error);
