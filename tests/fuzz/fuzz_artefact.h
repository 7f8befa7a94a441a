#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct artefact_kind;

/*
 * What readers of files have in common: the bytes are read as a file of that kind (NULL: as what they are recognised
 * as), joined to a machine, and that is judged if asked. Whether anything was taken from them.
 */
int fuzz_artefact(const struct artefact_kind *kind, bool judged, const uint8_t *data,
		  size_t size);
