#pragma once

#include "base/error.h"
#include "source/artefact/artefact.h"

#include <stdbool.h>

/*
 * The bytes of a file. A regular one is mapped and gives its memory back as it is read, so that its size does not matter;
 * what is no file (a pipe, standard input) is read into memory up to a limit.
 */
struct evidence_input {
	struct artefact_input artefact;
	bool is_mapped;
	int fd; /* -1: there is none */
};

/* 0, or -1 with a sentence. Follows no link that the caller did not name, opens nothing that would block for ever. */
int evidence_input_open(struct evidence_input *input, const char *path, const char *name,
			struct error *error);
int evidence_input_take(struct evidence_input *input, int fd, const char *name,
			struct error *error); /* the descriptor stays the caller's */
void evidence_input_close(struct evidence_input *input);

/* What is in memory alone gets a descriptor that other programs can read. -1 with a sentence. */
int evidence_descriptor(const struct artefact_input *input, struct error *error);

/* Whether a file became shorter while it was read, since the last call: its end was read as zeros. */
bool evidence_input_shrank(void);
