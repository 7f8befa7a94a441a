/*
 * JSON of PowerShell, as a stranger may have made it: read, put together, and judged.
 */
#include "diagnosis/diagnosis.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

#include "fuzz.h"

extern const struct artefact_kind artefact_powershell_json;

int fuzz_one(const uint8_t *data, size_t size)
{
	const struct artefact_input input = { .name = "fuzz", .bytes = data, .size = size };
	struct snapshot snapshot = { 0 };
	struct dossier dossier;
	struct diagnosis diagnosis;
	struct error error;
	int taken;

	if (!artefact_powershell_json.is(&input))
		return 0;
	dossier_init(&dossier, &snapshot);
	dossier_open(&dossier, input.name, 0);
	taken = !artefact_powershell_json.read(&input, &dossier, &error);
	dossier_close(&dossier);
	dossier_join(&dossier);
	dossier_free(&dossier);
	diagnosis_make(&diagnosis, &snapshot, &default_policy);
	diagnosis_free(&diagnosis);
	snapshot_free(&snapshot);
	return taken;
}
