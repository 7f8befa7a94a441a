/*
 * A minidump of one process, as a stranger may have made it: read, and joined to a machine.
 */
#include "fuzz.h"
#include "fuzz_artefact.h"

extern const struct artefact_kind artefact_minidump;

int fuzz_one(const uint8_t *data, size_t size)
{
	return fuzz_artefact(&artefact_minidump, false, data, size);
}
