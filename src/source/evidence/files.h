#pragma once

#include <stddef.h>

/*
 * The files that are meant by what somebody named: a file is itself, "-" standard input, a folder all that is in it and
 * below, in the order of their names. Links within a folder are not followed.
 */
struct evidence_files {
	struct evidence_file {
		char *path;    /* to open it; NULL: standard input */
		char *name;    /* for people */
		char *why_not; /* a sentence: it cannot be read; NULL */
	} * items;
	size_t count, capacity;
};

/* More are not looked at, and one entry says so. */
enum { EVIDENCE_FILES_MOST = 10000 };

void evidence_files_add(struct evidence_files *files, const char *named);
void evidence_files_free(struct evidence_files *files);
