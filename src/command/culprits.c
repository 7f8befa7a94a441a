#include "command/culprits.h"

#include "base/arena.h"

#include <stdlib.h>

void culprits_identify(const struct source_request *request, const struct diagnosis *diagnosis,
		       struct snapshot *snapshot)
{
	uint32_t *culprits = memory_zeroed(diagnosis->finding_count, sizeof *culprits);
	size_t count = 0;

	for (size_t i = 0; i < diagnosis->finding_count; i++)
		if (diagnosis->findings[i].culprit >= 0)
			culprits[count++] = (uint32_t)diagnosis->findings[i].culprit;
	source_identify(request, snapshot, culprits, count);
	free(culprits);
}
