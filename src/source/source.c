#include "source/source.h"

#include "source/evidence/evidence.h"
#include "source/machine.h"

int source_read(const struct source_request *request, struct snapshot *snapshot,
		struct error *error)
{
	return request->on ? evidence_read(request, snapshot, error) :
			     machine_read(request, snapshot, error);
}
