#include "snapshot/process.h"

#include "base/language.h"

struct process process_unread(int32_t pid)
{
	return (struct process){
		.pid = pid,
		.start_time = -1,
		.user = -1,
		.descriptors = -1,
		.descriptor_limit = -1,
		.descriptor_hard_limit = -1,
		.socket_descriptors = -1,
	};
}

const char *process_title(const struct process *process)
{
	if (process->name)
		return process->name;
	return process->is_told_by_pid ? _("(name not told)") : _("(ended)");
}
