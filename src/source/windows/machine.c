#include "source/machine.h"

#include "base/language.h"

const char *const source_names[] = { "iphlpapi", NULL };

int machine_read(const struct source_request *request, struct snapshot *snapshot,
		 struct error *error)
{
	(void)request;
	(void)snapshot;
	return error_set(error, "%s", _("not available on this system"));
}

void source_identify(const struct source_request *request, struct snapshot *snapshot,
		     const uint32_t *processes, size_t count)
{
	(void)request;
	(void)snapshot;
	(void)processes;
	(void)count;
}
