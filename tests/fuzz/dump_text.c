/*
 * What tools print of a memory dump, as a stranger may have changed it: read as any text is, and joined to a machine.
 */
#include "fuzz.h"
#include "fuzz_artefact.h"

extern const struct artefact_kind artefact_text;

int fuzz_one(const uint8_t *data, size_t size)
{
	return fuzz_artefact(&artefact_text, false, data, size);
}
