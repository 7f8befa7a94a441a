#include "source/machine.h"

#include "source/windows/reading.h"
#include "source/windows/refuse.h"
#include "source/windows/watch/sample.h"

const char *const source_names[] = { "iphlpapi", NULL };

int machine_read(const struct source_request *request, struct snapshot *snapshot,
		 struct error *error)
{
	*snapshot = (struct snapshot){ 0 };
	if (refuse_request(request, error))
		return -1;
	if (request->sample_ms)
		return sample_read(request, snapshot, error);
	return reading_do(request, NULL, snapshot, error);
}
