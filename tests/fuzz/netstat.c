/*
 * Text that is said to be netstat's, in one file: listings, dates before them, a series and its trend.
 */
#include "diagnosis/diagnosis.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

#include "fuzz.h"

int fuzz_one(const uint8_t *data, size_t size)
{
	const struct artefact_input input = { .name = "fuzz", .bytes = data, .size = size };
	struct snapshot snapshot = { 0 };
	struct dossier dossier;
	struct diagnosis diagnosis;
	bool taken;

	dossier_init(&dossier, &snapshot);
	artefact_read(&input, &dossier);
	taken = dossier.table_count > 0;
	if (taken) {
		dossier_join(&dossier);
		diagnosis_make(&diagnosis, &snapshot, &default_policy);
		diagnosis_free(&diagnosis);
	}
	dossier_free(&dossier);
	snapshot_free(&snapshot);
	return taken;
}
