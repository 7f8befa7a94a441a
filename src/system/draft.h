#pragma once

#include <stdio.h>

/*
 * A file that is being written and has not got its name yet: it has none, or one of its own where the file system cannot do
 * without. Only its owner may read it. It is kept or dropped once.
 */
struct draft {
	FILE *out;
	char *temporary; /* its name meanwhile; NULL: it has none */
};

/* For a file that is to be `path`. 0, or -1 and errno. */
int draft_open(struct draft *draft, const char *path);

/* Gives it its name, never that of another (EEXIST). 0; or -1 and errno, and nothing is left of it. */
int draft_keep(struct draft *draft, const char *path);

/* Nothing is left of it. */
void draft_drop(struct draft *draft);
