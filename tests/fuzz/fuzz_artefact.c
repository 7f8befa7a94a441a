#include "fuzz_artefact.h"

#include "diagnosis/diagnosis.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

static bool read_as(const struct artefact_kind *kind, const struct artefact_input *input,
		    struct dossier *dossier)
{
	struct error error;
	bool taken;

	if (!kind->is(input))
		return false;
	dossier_open(dossier, input->name, 0);
	taken = !kind->read(input, dossier, &error);
	dossier_close(dossier);
	return taken;
}

static bool read_any(const struct artefact_input *input, struct dossier *dossier)
{
	const struct evidence_facts *facts = &dossier->snapshot->evidence;

	artefact_read(input, dossier);
	return facts->artefact_count && !facts->artefacts[0].why_not;
}

int fuzz_artefact(const struct artefact_kind *kind, bool judged, const uint8_t *data,
		  size_t size)
{
	const struct artefact_input input = { .name = "fuzz", .bytes = data, .size = size };
	struct snapshot snapshot = { 0 };
	struct diagnosis diagnosis;
	struct dossier dossier;
	bool taken;

	dossier_init(&dossier, &snapshot);
	taken = kind ? read_as(kind, &input, &dossier) : read_any(&input, &dossier);
	dossier_join(&dossier);
	dossier_free(&dossier);
	if (taken && judged) {
		diagnosis_make(&diagnosis, &snapshot, &default_policy);
		diagnosis_free(&diagnosis);
	}
	snapshot_free(&snapshot);
	return taken;
}
