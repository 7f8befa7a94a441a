/*
 * Event logs as XML and as text, as a stranger may have made them.
 */
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

#include "fuzz.h"

int fuzz_one(const uint8_t *data, size_t size)
{
	const struct artefact_input input = { .name = "fuzz", .bytes = data, .size = size };
	struct snapshot snapshot = { 0 };
	struct dossier dossier;
	int taken;

	dossier_init(&dossier, &snapshot);
	artefact_read(&input, &dossier);
	taken = snapshot.evidence.event_count > 0;
	dossier_join(&dossier);
	dossier_free(&dossier);
	snapshot_free(&snapshot);
	return taken;
}
