#include "source/source.h"

#include "source/evidence/evidence.h"
#include "source/evidence/proc_copy.h"
#include "source/machine.h"

int source_read(const struct source_request *request, struct snapshot *snapshot,
		struct error *error)
{
	struct source_request copied;

	if (!request->on)
		return machine_read(request, snapshot, error);
	if (request->on_count != 1 || !proc_copy_is(request->on[0]))
		return evidence_read(request, snapshot, error);
	copied = *request;
	copied.root = request->on[0];
	copied.on = NULL;
	return machine_read(&copied, snapshot, error);
}
