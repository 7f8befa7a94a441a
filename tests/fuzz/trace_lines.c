/*
 * Lines that are said to be of portroom trace: read, their calls handed on and grouped as rows, and the machine judged.
 */
#include "diagnosis/diagnosis.h"
#include "diagnosis/failure_groups.h"
#include "snapshot/failure.h"
#include "snapshot/snapshot.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

#include "fuzz.h"

extern const struct artefact_kind artefact_trace_lines;

/* To judge a machine takes most of the time: one input in so many is. */
enum { ROWS = 10, JUDGED = 8 };

static void take(void *context, const struct failure *failure)
{
	struct failure named = *failure;
	char number[FAILURE_ERROR_SIZE];

	named.error = failure_error_text(number, failure);
	(void)failure_groups_take(context, &named);
}

static void judge(const struct snapshot *snapshot)
{
	struct diagnosis diagnosis;

	diagnosis_make(&diagnosis, snapshot, &default_policy);
	diagnosis_free(&diagnosis);
}

int fuzz_one(const uint8_t *data, size_t size)
{
	const struct artefact_input input = { .name = "fuzz", .bytes = data, .size = size };
	struct failure_groups *groups;
	struct snapshot snapshot = { 0 };
	struct dossier dossier;
	int taken;

	if (!artefact_trace_lines.is(&input))
		return 0;
	groups = failure_groups_new(ROWS);
	dossier_init(&dossier, &snapshot);
	dossier.on_failure = take;
	dossier.context = groups;
	artefact_read(&input, &dossier);
	taken = snapshot.evidence.trace_count && !snapshot.evidence.artefacts[0].why_not;
	dossier_join(&dossier);
	if (taken && size % JUDGED == 0)
		judge(&snapshot);
	dossier_free(&dossier);
	failure_groups_free(groups);
	snapshot_free(&snapshot);
	return taken;
}
