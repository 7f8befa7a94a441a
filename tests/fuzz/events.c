/*
 * Event logs as XML and as text, as a stranger may have made them.
 */
#include "fuzz.h"
#include "fuzz_artefact.h"

int fuzz_one(const uint8_t *data, size_t size)
{
	return fuzz_artefact(NULL, false, data, size);
}
