#include "action/probe.h"

#include "base/language.h"

int probe_enter(const char *path, struct error *error)
{
	return error_set(
		error,
		_("--netns '%s': Windows has no network namespaces; attempts are made "
		  "from this machine"),
		path);
}
