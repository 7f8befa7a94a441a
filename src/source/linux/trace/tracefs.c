#define _GNU_SOURCE /* fsopen() */
#include "source/linux/trace/tracefs.h"

#include "base/language.h"
#include "source/linux/proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

static int open_mounted(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs status;

	/* Where it is not mounted the folder is there, but empty. */
	if (folder < 0 || (!fstatfs(folder, &status) && status.f_type == TRACEFS_MAGIC))
		return folder;
	close(folder);
	errno = ENOENT;
	return -1;
}

/* A mount that has no place in the tree of files: it is gone with its descriptor, however we end. */
static int open_detached(void)
{
	int context = fsopen("tracefs", FSOPEN_CLOEXEC), folder = -1, failed;

	if (context < 0)
		return -1;
	if (!fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		folder = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOEXEC);
	failed = errno;
	close(context);
	errno = failed;
	return folder;
}

int tracefs_open(struct error *error)
{
	static const char *const places[] = { "/sys/kernel/tracing",
					      "/sys/kernel/debug/tracing" };
	int folder = -1, failed = ENOENT;

	for (size_t i = 0; folder < 0 && i < sizeof places / sizeof places[0]; i++) {
		folder = open_mounted(places[i]);
		if (folder < 0 && errno != ENOENT)
			failed = errno;
	}
	if (folder < 0 && failed == ENOENT)
		folder = open_detached();
	if (folder >= 0)
		return folder;
	if (failed != ENOENT)
		return error_set(error, "%s: %s", places[0], language_errno(failed));
	if (errno == EPERM)
		return error_set(error, _("tracefs is not mounted, and no privilege to do it "
					  "(CAP_SYS_ADMIN)"));
	return error_set(error, _("tracefs cannot be mounted: %s"), language_errno(errno));
}

static int event_path(char path[128], const char *event, const char *file)
{
	return snprintf(path, 128, "events/%s/%s", event, file);
}

int64_t tracefs_event_id(int tracefs, const char *event)
{
	char path[128];

	event_path(path, event, "id");
	return proc_file_number(tracefs, path);
}

/* A line of the layout: "	field:__u16 sport;	offset:24;	size:2;	signed:0;" */
int tracefs_field_offset(int tracefs, const char *event, const char *field)
{
	char path[128], text[8192], *save = NULL;
	size_t length = strlen(field);

	event_path(path, event, "format");
	if (proc_file_read(tracefs, path, text, sizeof text) <= 0)
		return -1;
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *end = line + strcspn(line, ";["), *offset = strstr(end, "offset:");

		if (offset && (size_t)(end - line) > length &&
		    !strncmp(end - length, field, length) && end[-(int)length - 1] == ' ')
			return (int)strtol(offset + strlen("offset:"), NULL, 10);
	}
	return -1;
}
