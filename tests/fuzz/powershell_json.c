/*
 * JSON of PowerShell, as a stranger may have made it: read, put together, and judged.
 */
#include "fuzz.h"
#include "fuzz_artefact.h"

extern const struct artefact_kind artefact_powershell_json;

int fuzz_one(const uint8_t *data, size_t size)
{
	return fuzz_artefact(&artefact_powershell_json, true, data, size);
}
