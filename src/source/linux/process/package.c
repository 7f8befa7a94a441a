#define _GNU_SOURCE /* O_PATH */
#include "source/linux/process/package.h"

#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/linux/proc_file.h"
#include "source/linux/process/descriptors.h"
#include "source/linux/reading.h"
#include "source/linux/rooted_file.h"
#include "source/source.h"
#include "system/patience.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The path in /proc/PID/exe is one of the process's own mount namespace, so it is looked up there,
 * below /proc/PID/root, by the package manager of that root. It counts only if what lies there is
 * the very file that runs: one that was deleted, replaced by an update or hidden by a mount says
 * nothing about the process.
 *
 * The work is done with limited patience, so it has memory of its own. All of it is taken beforehand:
 * who made a container neither makes portroom grow nor end for want of memory.
 */
enum {
	LONGEST_MS = 2000,
	PROCESS_BUDGET = 128 << 20, /* to read; the lists of 3,000 packages are 40 MB */
	JOB_BUDGET = 512 << 20,
};

struct subject {
	uint32_t process; /* index in the snapshot */
	int32_t pid;
	uint64_t start_ticks;
	const char *executable;
	struct package package;
};

struct job {
	struct arena arena; /* of the executables' names; filled before the work */
	struct subject *subjects;
	size_t count;
	size_t budget;
	struct rooted_lines lines;
};

void package_set(char field[PACKAGE_TEXT_LENGTH + 1], const char *text, size_t length)
{
	enum { LONGEST_CHARACTER = 4 };
	size_t cut = PACKAGE_TEXT_LENGTH;

	for (; length && (*text == ' ' || *text == '\t'); text++)
		length--;
	length = strnlen(text, length);
	if (length > PACKAGE_TEXT_LENGTH) {
		while (cut > PACKAGE_TEXT_LENGTH - LONGEST_CHARACTER &&
		       ((unsigned char)text[cut] & 0xc0) == 0x80)
			cut--;
		length = cut;
	}
	memcpy(field, text, length);
	field[length] = '\0';
}

const char *package_old_name(int root, const char *path)
{
	static const char *const folders[] = { "/bin/",	  "/sbin/",  "/lib/",
					       "/lib32/", "/lib64/", "/libx32/" };
	const char *tail = path + strlen("/usr");
	struct stat status;

	if (strncmp(path, "/usr/", strlen("/usr/")) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		char folder[16];

		if (strncmp(tail, folders[i], strlen(folders[i])) != 0)
			continue;
		snprintf(folder, sizeof folder, "%.*s", (int)strlen(folders[i]) - 2,
			 folders[i] + 1);
		return !fstatat(root, folder, &status, AT_SYMLINK_NOFOLLOW) &&
				       S_ISLNK(status.st_mode) ?
			       tail :
			       NULL;
	}
	return NULL;
}

bool package_find(struct rooted_lines *lines, int root, const char *path,
		  struct package *package)
{
	*package = (struct package){ 0 };
	return *path == '/' && (package_dpkg(lines, root, path, package) ||
				package_apk(lines, root, path, package));
}

/* What kept from looking at a process, and not only at a file of its packages. */
static void note(struct rooted_lines *lines, int error)
{
	rooted_note(lines, error);
	if (!lines->error && (error == EACCES || error == EPERM))
		lines->error = error;
}

/* Whether the file at the path in that root is the one that runs. */
static bool is_executable(struct rooted_lines *lines, int root, const char *path,
			  const struct stat *running)
{
	int fd = rooted_open(root, path);
	struct stat status;
	bool same;

	if (fd < 0) {
		note(lines, errno);
		return false;
	}
	same = !fstat(fd, &status) && status.st_dev == running->st_dev &&
	       status.st_ino == running->st_ino;
	close(fd);
	return same;
}

/* In our own mount namespace, the path of a process in a chroot begins with that of its root. */
static const char *path_below(const char *root, const char *path)
{
	size_t length = strlen(root);

	return !strncmp(path, root, length) && path[length] == '/' ? path + length : path;
}

static void find_in_root(struct rooted_lines *lines, int directory, const struct stat *running,
			 struct subject *subject)
{
	int root = openat(directory, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *path = subject->executable;
	char link[4096];

	if (root < 0) {
		note(lines, errno);
		return;
	}
	if (proc_file_link(directory, "root", link, sizeof link) > 1)
		path = path_below(link, path);
	if (is_executable(lines, root, path, running))
		package_find(lines, root, path, &subject->package);
	close(root);
}

static void find_in_own_root(struct rooted_lines *lines, const struct stat *running,
			     struct subject *subject)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	if (root < 0) {
		note(lines, errno);
		return;
	}
	if (is_executable(lines, root, subject->executable, running))
		package_rpm("/", subject->executable, &subject->package, &error);
	note(lines, error);
	close(root);
}

static void find_package(struct rooted_lines *lines, struct subject *subject)
{
	struct stat running;
	char path[32];
	int directory;

	snprintf(path, sizeof path, "/proc/%d", subject->pid);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0) {
		note(lines, errno);
		return;
	}
	if (descriptors_start_ticks(directory) == subject->start_ticks) {
		if (fstatat(directory, "exe", &running, 0)) {
			note(lines, errno);
		} else {
			find_in_root(lines, directory, &running, subject);
			if (!*subject->package.name)
				find_in_own_root(lines, &running, subject);
		}
	}
	close(directory);
}

static void job_free(void *context)
{
	struct job *job = context;

	arena_free(&job->arena);
	free(job->subjects);
	free(job);
}

/* One process may not spend what the others need. */
static void work(void *context)
{
	struct job *job = context;

	for (size_t i = 0; i < job->count; i++) {
		size_t budget = job->budget < PROCESS_BUDGET ? job->budget : PROCESS_BUDGET;

		job->lines.budget = budget;
		find_package(&job->lines, &job->subjects[i]);
		job->budget -= budget - job->lines.budget;
	}
}

static bool is_new(const struct job *job, uint32_t process)
{
	for (size_t i = 0; i < job->count; i++)
		if (job->subjects[i].process == process)
			return false;
	return true;
}

static struct job *make_job(const struct snapshot *snapshot, const uint32_t *processes,
			    size_t count)
{
	struct job *job = memory_zeroed(1, sizeof *job);

	job->budget = JOB_BUDGET;
	job->subjects = memory_zeroed(count, sizeof *job->subjects);
	for (size_t i = 0; i < count; i++) {
		const struct process *process = &snapshot->processes[processes[i]];

		if (process->executable && process->start_ticks && is_new(job, processes[i]))
			job->subjects[job->count++] = (struct subject){
				.process = processes[i],
				.pid = process->pid,
				.start_ticks = process->start_ticks,
				.executable = arena_copy(&job->arena, process->executable),
			};
	}
	return job;
}

static const char *known(struct arena *arena, const char *text)
{
	return *text ? arena_copy(arena, text) : NULL;
}

static bool take_results(struct snapshot *snapshot, const struct job *job)
{
	struct arena *arena = &snapshot->arena;
	bool found = false;

	for (size_t i = 0; i < job->count; i++) {
		const struct subject *subject = &job->subjects[i];
		struct process *process = &snapshot->processes[subject->process];

		process->package = known(arena, subject->package.name);
		process->version = known(arena, subject->package.version);
		process->vendor = known(arena, subject->package.vendor);
		found = found || process->package;
	}
	return found;
}

static const char *why_nothing(int error)
{
	switch (error) {
	case 0:
		return _("no package has the program that is named");
	case ENOMEM:
		return _("there is not enough memory to look");
	case EMFILE:
	case ENFILE:
		return _("no more files can be opened");
	case EFBIG:
		return _("there is too much to read");
	default:
		return _("the program that is named may not be looked at");
	}
}

void source_identify(const struct source_request *request, struct snapshot *snapshot,
		     const uint32_t *processes, size_t count)
{
	struct source_report report = { .name = "packages", .sockets = -1 };
	double start = reading_now_ms();
	struct job *job;

	if (!source_is_live(request) || !count)
		return;
	job = make_job(snapshot, processes, count);
	if (!job->count) {
		job_free(job);
		return;
	}
	switch (patience_run(LONGEST_MS, work, job_free, job)) {
	case PATIENCE_DONE:
		report.used = take_results(snapshot, job);
		report.why_not = why_nothing(job->lines.error);
		job_free(job);
		break;
	case PATIENCE_OVER:
		report.why_not = _("they could not be read within two seconds");
		break;
	case PATIENCE_NO_THREAD:
		report.why_not = _("no thread can be started");
		job_free(job);
		break;
	}
	report.milliseconds = reading_now_ms() - start;
	snapshot_add_source(snapshot, &report);
}
