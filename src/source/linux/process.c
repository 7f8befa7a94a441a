#define _GNU_SOURCE /* fgetpwent() */
#include "source/linux/process.h"

#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/linux/cgroup.h"
#include "source/linux/descriptors.h"
#include "source/linux/proc_file.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The end of the year 9999: a copied /proc may say anything. */
#define LATEST_S INT64_C(253402300799)

/* Start times are counted in ticks since boot: /proc/stat has the boot time. */
static int64_t boot_time(struct process_reader *reader)
{
	size_t length;
	char *text, *line;

	if (!reader->boot_asked) {
		text = proc_file_read_all(reader->proc, "stat", 4 << 20, &length);
		line = text ? strstr(text, "\nbtime ") : NULL;
		reader->boot_time = line ? strtoll(line + strlen("\nbtime "), NULL, 10) : -1;
		reader->boot_asked = true;
		free(text);
	}
	return reader->boot_time;
}

/* getpwuid() could ask a directory server, over the network, on a machine without ports. */
static const char *find_user_name(struct arena *arena, int64_t user)
{
	FILE *file = fopen("/etc/passwd", "re");
	const char *name = NULL;
	struct passwd *entry;

	if (!file)
		return NULL;
	while (!name && (entry = fgetpwent(file)))
		if (entry->pw_uid == user)
			name = arena_copy(arena, entry->pw_name);
	fclose(file);
	return name;
}

/* Many processes have one user: the last ones are remembered. */
static const char *user_name(struct process_reader *reader, struct arena *arena, int64_t user)
{
	struct process_user *place = &reader->users[user % PROCESS_USERS];

	if (!place->known || place->user != user)
		*place = (struct process_user){
			.user = user,
			.name = find_user_name(arena, user),
			.known = true,
		};
	return place->name;
}

static int64_t real_user(const char *status)
{
	const char *line = strstr(status, "\nUid:\t");

	return line ? strtoll(line + strlen("\nUid:\t"), NULL, 10) : -1;
}

/* "unlimited" is no number: -1. */
static int64_t limit_of(const char *text)
{
	return *text >= '0' && *text <= '9' ? strtoll(text, NULL, 10) : -1;
}

static void read_descriptor_limits(int directory, struct process *process)
{
	char text[4096], *line;

	if (proc_file_read(directory, "limits", text, sizeof text) < 0)
		return;
	line = strstr(text, "\nMax open files");
	if (!line)
		return;
	line += strlen("\nMax open files");
	line += strspn(line, " ");
	process->descriptor_limit = limit_of(line);
	line += strcspn(line, " \n");
	line += strspn(line, " ");
	process->descriptor_hard_limit = limit_of(line);
}

static const char *command_line(struct arena *arena, int directory)
{
	char text[2048];
	ssize_t length = proc_file_read(directory, "cmdline", text, sizeof text);

	if (length <= 0)
		return NULL;
	for (ssize_t i = 0; i + 1 < length; i++)
		if (!text[i])
			text[i] = ' ';
	return arena_copy(arena, text);
}

static void read_details(struct snapshot *snapshot, struct process_reader *reader,
			 int directory, struct process *process)
{
	struct arena *arena = &snapshot->arena;
	char text[8192];
	int64_t boot = boot_time(reader);
	struct cgroup_names names;

	if (proc_file_read(directory, "comm", text, sizeof text) > 0) {
		char *end = strrchr(text, '\n');

		if (end) /* the file's own; a name may have others */
			*end = '\0';
		process->name = arena_copy(arena, *text ? text : _("(no name)"));
	}
	if (proc_file_link(directory, "exe", text, sizeof text) > 0)
		process->executable = arena_copy(arena, text);
	process->command_line = command_line(arena, directory);
	if (proc_file_read(directory, "status", text, sizeof text) > 0)
		process->user = real_user(text);
	if (process->user >= 0)
		process->user_name = user_name(reader, arena, process->user);
	if (boot >= 0 && boot <= LATEST_S && process->start_ticks &&
	    process->start_ticks / (uint64_t)sysconf(_SC_CLK_TCK) <= LATEST_S)
		process->start_time = boot + (int64_t)(process->start_ticks /
						       (uint64_t)sysconf(_SC_CLK_TCK));
	read_descriptor_limits(directory, process);
	if (proc_file_read(directory, "cgroup", text, sizeof text) > 0) {
		names = cgroup_read(arena, text);
		process->unit = names.unit;
		process->user_unit = names.user_unit;
		process->container = names.container;
		process->pod = names.pod;
	}
}

static bool same_start(int directory, uint64_t ticks)
{
	return ticks && descriptors_start_ticks(directory) == ticks;
}

uint32_t process_read(struct snapshot *snapshot, struct process_reader *reader,
		      const struct walked_process *walked)
{
	struct process process = {
		.pid = walked->pid,
		.name = walked->name[0] ? arena_copy(&snapshot->arena, walked->name) : NULL,
		.start_ticks = walked->start_ticks,
		.start_time = -1,
		.user = -1,
		.descriptors = walked->descriptors,
		.descriptor_limit = -1,
		.descriptor_hard_limit = -1,
		.socket_descriptors = walked->sockets,
	};
	char path[32];
	int directory;

	snprintf(path, sizeof path, "%d", walked->pid);
	directory = openat(reader->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory >= 0) {
		if (same_start(directory, walked->start_ticks))
			read_details(snapshot, reader, directory, &process);
		close(directory);
	}
	return snapshot_add_process(snapshot, &process);
}
