/*
 * A text that a Linux machine may have left: read, joined, and judged.
 */
#include "diagnosis/diagnosis.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

#include "fuzz.h"

#include <stdlib.h>

int fuzz_one(const uint8_t *data, size_t size)
{
	const struct artefact_input input = { .name = "fuzz", .bytes = data, .size = size };
	struct snapshot snapshot = { 0 };
	struct diagnosis diagnosis;
	struct dossier dossier;
	int taken;

	dossier_init(&dossier, &snapshot);
	artefact_read(&input, &dossier);
	taken = snapshot.evidence.artefact_count && !snapshot.evidence.artefacts[0].why_not;
	dossier_join(&dossier);
	dossier_free(&dossier);
	diagnosis_make(&diagnosis, &snapshot, &default_policy);
	diagnosis_free(&diagnosis);
	snapshot_free(&snapshot);
	return taken;
}
