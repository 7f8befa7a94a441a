#include "diagnosis/remedy.h"

#include <string.h>

/*
 * What to type. It is pasted into a root shell, so nothing gets into it that a process, a cgroup or a
 * path could have been named to be misread there.
 */
static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789@_.:/-";

/* Letters that mean nothing to a shell; systemd's escapes have backslashes, which need quotes. */
static bool is_unit_name(const char *unit)
{
	while (*unit && (strchr(harmless, *unit) || *unit == '\\'))
		unit++;
	return !*unit;
}

enum { LONGEST_UNIT = 255 }; /* systemd.unit(5) */

/* Names that systemd makes: others were made by whoever may name a cgroup, and are not pasted into a
 * root shell. */
bool remedy_is_service(const struct process *process)
{
	size_t length = process->unit ? strlen(process->unit) : 0;

	return length > strlen(".service") && length <= LONGEST_UNIT && !process->container &&
	       !process->user_unit && is_unit_name(process->unit) && process->unit[0] != '-' &&
	       !strcmp(process->unit + length - strlen(".service"), ".service");
}

/* What to type: systemd restarts services, not scopes; a container belongs to its runtime. */
const char *remedy_end_command(struct diagnosis *diagnosis, const struct process *process)
{
	if (!remedy_is_service(process))
		return arena_print(&diagnosis->arena, "kill %d", process->pid);
	return arena_print(&diagnosis->arena,
			   strchr(process->unit, '\\') ? "systemctl restart '%s'" :
							 "systemctl restart %s",
			   process->unit);
}

const char *remedy_command_in(struct diagnosis *diagnosis, uint32_t netns, const char *command)
{
	const char *path = diagnosis->snapshot->namespaces[netns].enter;

	if (!path)
		return command;
	if (strspn(path, harmless) != strlen(path))
		return NULL; /* nothing that could be pasted as it is */
	return arena_print(&diagnosis->arena, "nsenter --net=%s %s", path, command);
}

const char *remedy_portroom_in(struct diagnosis *diagnosis, uint32_t netns,
			       const char *command)
{
	const char *path = diagnosis->snapshot->namespaces[netns].enter;

	if (!path)
		return command;
	if (strspn(path, harmless) != strlen(path))
		return NULL;
	return arena_print(&diagnosis->arena, "%s --netns %s", command, path);
}

const char *remedy_sysctl(struct diagnosis *diagnosis, uint32_t netns, const char *setting)
{
	return remedy_command_in(diagnosis, netns,
				 arena_print(&diagnosis->arena, "sysctl -w %s", setting));
}
