#include "snapshot/process.h"

#include "base/language.h"

const char *process_title(const struct process *process)
{
	if (process->name)
		return process->name;
	return process->is_told_by_pid ? _("(name not told)") : _("(ended)");
}
