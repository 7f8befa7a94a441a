#include "source/handles.h"

#include "base/language.h"

int handles_read(struct handles *handles, struct snapshot *snapshot, const char *root,
		 int32_t pid, struct error *error)
{
	(void)snapshot;
	(void)root;
	(void)pid;
	*handles = (struct handles){ 0 };
	return error_set(error, "%s", _("not available on this system"));
}
