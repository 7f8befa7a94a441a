#pragma once

#include <stdbool.h>

struct artefact_input;
struct dossier;

/*
 * Folders that were copied from /proc. Alone such a folder is read as the machine itself (--root); among others its files are
 * pieces, of which those below sys/ say by their place only what they are.
 */

/* Whether the folder is a copy of /proc, or has one called proc and nothing else. */
bool proc_copy_is(const char *folder);

/* If it is a setting of a copied /proc it goes into the dossier, or is passed over if it does not matter; false: it is none. */
bool proc_copy_take_setting(struct dossier *dossier, const struct artefact_input *input);
