/*
 * Lines that are said to be of portroom watch, the machine they are of, and the verdict on it.
 */
#include "source/artefact/artefact.h"

#include "fuzz.h"
#include "fuzz_artefact.h"

extern const struct artefact_kind artefact_watch_lines;

int fuzz_one(const uint8_t *data, size_t size)
{
	return fuzz_artefact(&artefact_watch_lines, true, data, size);
}
