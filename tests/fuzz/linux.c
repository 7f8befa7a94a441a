/*
 * A text that a Linux machine may have left: read, joined, and judged.
 */
#include "fuzz.h"
#include "fuzz_artefact.h"

int fuzz_one(const uint8_t *data, size_t size)
{
	return fuzz_artefact(NULL, true, data, size);
}
