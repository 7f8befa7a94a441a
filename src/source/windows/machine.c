#include "source/machine.h"

#include "base/language.h"
#include "source/windows/reading.h"
#include "source/windows/watch/sample.h"

const char *const source_names[] = { "iphlpapi", NULL };

/* What there is on Linux only. */
static int refuse(const struct source_request *request, struct error *error)
{
	if (request->root)
		return error_set(error,
				 _("'%s': a copied /proc is read by portroom on Linux only"),
				 request->root);
	if (request->scope == SCOPE_ONE)
		return error_set(
			error,
			_("--netns %s: Windows has no network namespaces; leave it out"),
			request->netns);
	return 0;
}

int machine_read(const struct source_request *request, struct snapshot *snapshot,
		 struct error *error)
{
	*snapshot = (struct snapshot){ 0 };
	if (refuse(request, error))
		return -1;
	if (request->sample_ms)
		return sample_read(request, snapshot, error);
	return reading_do(request, NULL, snapshot, error);
}
