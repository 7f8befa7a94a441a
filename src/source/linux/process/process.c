#define _GNU_SOURCE /* fgetpwent() */
#include "source/linux/process/process.h"

#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/linux/proc_file.h"
#include "source/linux/process/cgroup.h"
#include "source/linux/process/descriptors.h"

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

/* Seconds since 1970 from ticks since boot; -1: not known. */
static int64_t start_time(struct process_reader *reader, uint64_t ticks)
{
	uint64_t seconds = ticks / (uint64_t)sysconf(_SC_CLK_TCK);
	int64_t boot = boot_time(reader);

	if (!ticks || boot < 0 || boot > LATEST_S || seconds > LATEST_S)
		return -1;
	return boot + (int64_t)seconds;
}

static void name_cgroup(struct arena *arena, struct process *process, const char *text)
{
	struct cgroup_names names = cgroup_read(arena, text);

	process->unit = names.unit;
	process->user_unit = names.user_unit;
	process->container = names.container;
	process->pod = names.pod;
}

static void read_details(struct snapshot *snapshot, struct process_reader *reader,
			 int directory, struct process *process)
{
	struct arena *arena = &snapshot->arena;
	char text[8192];

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
	process->start_time = start_time(reader, process->start_ticks);
	read_descriptor_limits(directory, process);
	if (proc_file_read(directory, "cgroup", text, sizeof text) > 0)
		name_cgroup(arena, process, text);
}

static bool same_start(int directory, uint64_t ticks)
{
	return ticks && descriptors_start_ticks(directory) == ticks;
}

/* A zombie has ended, too: nobody has asked yet how. */
static bool is_over(int directory)
{
	char stat[1024], *at;

	if (proc_file_read(directory, "stat", stat, sizeof stat) < 0)
		return true;
	at = strrchr(stat, ')');
	return !at || at[1] != ' ' || at[2] == 'Z' || at[2] == 'X';
}

uint32_t process_read(struct snapshot *snapshot, struct process_reader *reader,
		      const struct walked_process *walked)
{
	struct process process = process_unread(walked->pid);
	char path[32];
	int directory;

	process.name = walked->name[0] ? arena_copy(&snapshot->arena, walked->name) : NULL;
	process.start_ticks = walked->start_ticks;
	process.descriptors = walked->descriptors;
	process.socket_descriptors = walked->sockets;
	snprintf(path, sizeof path, "%d", walked->pid);
	directory = openat(reader->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory >= 0) {
		if (same_start(directory, walked->start_ticks))
			read_details(snapshot, reader, directory, &process);
		close(directory);
	}
	return snapshot_add_process(snapshot, &process);
}

bool process_still_runs(int proc, int32_t pid, uint64_t ticks)
{
	char path[32];
	int directory;
	bool runs;

	snprintf(path, sizeof path, "%d", pid);
	directory = pid ? openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (directory < 0)
		return false;
	runs = same_start(directory, ticks) && !is_over(directory);
	close(directory);
	return runs;
}

/* Nobody has counted its descriptors: it has no socket open. */
static uint32_t add_running(struct snapshot *snapshot, struct process_reader *reader,
			    int32_t pid, uint64_t ticks, const char *name)
{
	struct walked_process walked = { .pid = pid, .start_ticks = ticks };
	struct process *process;
	uint32_t index;

	if (name)
		snprintf(walked.name, sizeof walked.name, "%s", name);
	index = process_read(snapshot, reader, &walked);
	process = &snapshot->processes[index];
	process->descriptors = process->socket_descriptors = -1;
	return index;
}

/* What /proc did not tell: it has ended by now, or ends just while it is read. */
static void complete(struct arena *arena, struct process_reader *reader,
		     struct process *process, const struct noted_process *noted)
{
	const char *cgroup;

	if (process->start_time < 0)
		process->start_time = start_time(reader, process->start_ticks);
	if (process->user < 0)
		process->user = noted->user;
	if (process->user >= 0 && !process->user_name)
		process->user_name = user_name(reader, arena, process->user);
	if (process->unit || process->container)
		return;
	cgroup = noted->cgroup ? cgroup_of_id(arena, noted->cgroup) : NULL;
	if (cgroup)
		name_cgroup(arena, process, cgroup);
}

uint32_t process_add_noted(struct snapshot *snapshot, struct process_reader *reader,
			   const struct noted_process *noted)
{
	struct arena *arena = &snapshot->arena;
	uint64_t ticks = descriptors_ticks(noted->start_ns);
	struct process process = process_unread(noted->pid);
	uint32_t index;

	process.ended = noted->pid;
	process.name = arena_copy(arena, noted->name);
	process.start_ticks = ticks;
	if (process_still_runs(reader->proc, noted->pid, ticks))
		index = add_running(snapshot, reader, noted->pid, ticks, noted->name);
	else
		index = snapshot_add_process(snapshot, &process);
	complete(arena, reader, &snapshot->processes[index], noted);
	return index;
}
