#include "action/probe.h"

#include "base/language.h"

void probe_run(struct probe_attempt *attempts, size_t count, unsigned timeout_ms)
{
	(void)timeout_ms;
	for (size_t i = 0; i < count; i++)
		attempts[i].outcome = PROBE_FAILED;
}

void probe_resolve(struct probe_name *names, size_t count, unsigned timeout_ms)
{
	(void)timeout_ms;
	for (size_t i = 0; i < count; i++)
		names[i].outcome = PROBE_NAME_FAILED;
}

int probe_enter(const char *path, struct error *error)
{
	(void)path;
	return error_set(error, "%s", _("Windows has no network namespaces"));
}
