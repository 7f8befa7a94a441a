#pragma once

#include "base/error.h"
#include "system/draft.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * A file that is there when it is whole, and not before. It is never written over another, and only its owner may read it.
 */
struct whole_file {
	const char *path;
	FILE *out;
	int broken; /* errno of the first write that failed, where who wrote has noted it */
	struct draft draft;
	bool direct; /* no file at all: a pipe, a terminal, a full device */
};

/* 0, or -1 with a sentence. `path` must live as long; "-" is standard output. */
int whole_file_open(struct whole_file *file, const char *path, struct error *error);

/* To the disk, and under its name. -1 with a sentence: nothing is left of it. */
int whole_file_finish(struct whole_file *file, struct error *error);
