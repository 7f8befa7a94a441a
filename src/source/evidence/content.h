#pragma once

#include "source/artefact/artefact.h"
#include "source/evidence/unpack.h"

struct dossier;
struct saved_files;

/*
 * What is in a file that somebody sent: pieces of a machine go into the dossier, whole machines (portroom save) to the saved
 * files, and archives are opened, up to three within each other.
 */
struct content {
	struct dossier *dossier;
	struct saved_files *saved;
	struct unpack_budget budget;
};

enum { CONTENT_DEEPEST = 3 };

/* `fd` has the bytes from its beginning; -1: they are in memory alone. */
void content_read(struct content *content, const struct artefact_input *input, int fd);

/* A file of which nothing can be taken, and why. */
void content_refuse(struct content *content, const char *name, const char *why);
