/*
 * One file of portroom save, as a stranger may have made it: read, and judged if it could be.
 */
#include "diagnosis/diagnosis.h"
#include "source/artefact/saved/saved.h"

#include "fuzz.h"

#include <stdlib.h>

int fuzz_one(const uint8_t *data, size_t size)
{
	const struct saved_request request = { .name = "fuzz" };
	struct snapshot snapshot = { 0 };
	struct diagnosis diagnosis;
	struct error error;
	int taken = saved_read(&request, (const char *)data, size, &snapshot, &error) == 0;

	if (taken) {
		diagnosis_make(&diagnosis, &snapshot, &default_policy);
		diagnosis_free(&diagnosis);
	}
	snapshot_free(&snapshot);
	return taken;
}
