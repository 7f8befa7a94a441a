#include "diagnosis/proof.h"

#include "base/language.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/words.h"

enum { RECENT_MS = 60 * 60 * 1000 };

void proof_widen(struct proof_time *time, int64_t first_ms, int64_t last_ms)
{
	if (first_ms && (!time->first_ms || first_ms < time->first_ms))
		time->first_ms = first_ms;
	if (last_ms > time->last_ms)
		time->last_ms = last_ms;
}

bool proof_is_old(const struct diagnosis *diagnosis, const struct proof_time *time)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	int64_t newest = evidence_newest_ms(&snapshot->evidence);

	if (snapshot->time_ms > newest)
		newest = snapshot->time_ms;
	return time->last_ms && newest - time->last_ms > RECENT_MS;
}

const char *proof_when(struct diagnosis *diagnosis, const struct proof_time *time)
{
	if (!time->last_ms)
		return _("when is not told");
	if (time->first_ms / 1000 == time->last_ms / 1000)
		return arena_print(&diagnosis->arena, _("at %s"),
				   words_time(diagnosis, time->last_ms));
	return arena_print(&diagnosis->arena, _("from %s to %s"),
			   words_time(diagnosis, time->first_ms),
			   words_time(diagnosis, time->last_ms));
}
