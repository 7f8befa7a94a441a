/*
 * An event trace of Windows, as a stranger may have made it: read, and its failed calls told. It is not judged: the
 * capacity of a machine of which nothing is known is the same each time, and takes most of it.
 */
#include "snapshot/failure.h"
#include "snapshot/snapshot.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

#include "fuzz.h"

extern const struct artefact_kind artefact_etl;

static void take(void *context, const struct failure *failure)
{
	*(uint64_t *)context += failure->process->pid > 0;
}

int fuzz_one(const uint8_t *data, size_t size)
{
	const struct artefact_input input = { .name = "fuzz", .bytes = data, .size = size };
	struct snapshot snapshot = { 0 };
	struct dossier dossier;
	uint64_t owned = 0;
	int taken;

	if (!artefact_etl.is(&input))
		return 0;
	dossier_init(&dossier, &snapshot);
	dossier.on_failure = take;
	dossier.context = &owned;
	artefact_read(&input, &dossier);
	taken = snapshot.evidence.trace_count && !snapshot.evidence.artefacts[0].why_not;
	dossier_join(&dossier);
	dossier_free(&dossier);
	snapshot_free(&snapshot);
	return taken;
}
