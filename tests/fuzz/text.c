/*
 * Text that was sent, as a stranger may have made it: every form that may stand in it, put together, and judged.
 */
#include "fuzz.h"
#include "fuzz_artefact.h"

extern const struct artefact_kind artefact_text;

int fuzz_one(const uint8_t *data, size_t size)
{
	return fuzz_artefact(&artefact_text, true, data, size);
}
