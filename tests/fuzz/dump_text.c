/*
 * What tools print of a memory dump, as a stranger may have changed it: read as any text is, and joined to a machine.
 */
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

#include "fuzz.h"

extern const struct artefact_kind artefact_text;

int fuzz_one(const uint8_t *data, size_t size)
{
	const struct artefact_input input = { .name = "fuzz", .bytes = data, .size = size };
	struct snapshot snapshot = { 0 };
	struct dossier dossier;
	struct error error;
	int taken;

	dossier_init(&dossier, &snapshot);
	dossier_open(&dossier, "fuzz", 0);
	taken = !artefact_text.read(&input, &dossier, &error);
	dossier_close(&dossier);
	dossier_join(&dossier);
	dossier_free(&dossier);
	snapshot_free(&snapshot);
	return taken;
}
