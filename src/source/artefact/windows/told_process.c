#include "source/artefact/windows/told_process.h"

#include "base/arena.h"
#include "source/artefact/dossier.h"

#include <string.h>

enum { MOST_SERVICES = 512 };

bool told_process_pid(struct span text, int32_t *pid)
{
	uint64_t number;

	if (!span_number(text, INT32_MAX, &number))
		return false;
	*pid = (int32_t)number;
	return true;
}

/* Get-Process says "chrome" of what tasklist calls "chrome.exe". */
static bool is_better(struct span name, const char *than)
{
	size_t length = strlen(than);

	return name.length == length + 4 && !memcmp(name.text, than, length);
}

void told_process_name(struct dossier *dossier, int32_t pid, struct span name)
{
	struct process *process;

	if (pid <= 0 || !name.length)
		return;
	process = dossier_process(dossier, pid);
	if (!process->name || is_better(name, process->name))
		process->name = dossier_text(dossier, name);
}

void told_process_user(struct dossier *dossier, int32_t pid, struct span user)
{
	if (pid > 0 && user.length)
		dossier_process(dossier, pid)->user_name = dossier_text(dossier, user);
}

void told_process_handles(struct dossier *dossier, int32_t pid, int64_t handles)
{
	struct process *process;

	if (pid <= 0)
		return;
	process = dossier_process(dossier, pid);
	if (process->kinds)
		return;
	process->descriptors = handles;
	process->descriptors_from = dossier_part(dossier) + 1;
}

void told_process_services(struct dossier *dossier, int32_t pid, struct span services)
{
	const char *before = pid > 0 ? dossier_process(dossier, pid)->unit : NULL;
	struct arena *arena = &dossier->snapshot->arena;

	if (pid <= 0 || !services.length || services.length > MOST_SERVICES)
		return;
	if (before && strlen(before) > MOST_SERVICES)
		return;
	dossier_process(dossier, pid)->unit =
		before ? arena_print(arena, "%s, %.*s", before, (int)services.length,
				     services.text) :
			 dossier_text(dossier, services);
}
