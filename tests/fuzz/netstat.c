/*
 * Text that is said to be netstat's, in one file: listings, dates before them, a series and its trend.
 */
#include "fuzz.h"
#include "fuzz_artefact.h"

int fuzz_one(const uint8_t *data, size_t size)
{
	return fuzz_artefact(NULL, true, data, size);
}
