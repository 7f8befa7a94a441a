#include "source/handles.h"

#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "source/linux/proc_file.h"
#include "source/linux/process/descriptors.h"
#include "source/linux/process/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the link of a descriptor begins with: proc(5), /proc/PID/fd. The first that fits counts. */
static const struct beginning {
	const char *text;
	enum handle_kind kind;
} beginnings[] = {
	{ "socket:[", HANDLE_SOCKET },
	{ "pipe:[", HANDLE_PIPE },
	{ "anon_inode:[eventpoll]", HANDLE_EPOLL },
	{ "anon_inode:[eventfd]", HANDLE_EVENT },
	{ "anon_inode:[signalfd]", HANDLE_EVENT },
	{ "anon_inode:[timerfd]", HANDLE_TIMER },
	{ "anon_inode:inotify", HANDLE_WATCH },
	{ "anon_inode:[fanotify]", HANDLE_WATCH },
	{ "anon_inode:bpf", HANDLE_BPF },
	{ "anon_inode:btf", HANDLE_BPF },
	{ "anon_inode:[perf_event]", HANDLE_BPF },
	{ "anon_inode:[pidfd]", HANDLE_NAMESPACE },
	{ "pidfd:[", HANDLE_NAMESPACE },
	{ "net:[", HANDLE_NAMESPACE },
	{ "mnt:[", HANDLE_NAMESPACE },
	{ "pid:[", HANDLE_NAMESPACE },
	{ "user:[", HANDLE_NAMESPACE },
	{ "uts:[", HANDLE_NAMESPACE },
	{ "ipc:[", HANDLE_NAMESPACE },
	{ "time:[", HANDLE_NAMESPACE },
	{ "cgroup:[", HANDLE_NAMESPACE },
	{ "/memfd:", HANDLE_MEMORY },
	{ "/SYSV", HANDLE_MEMORY },
	{ "/dmabuf:", HANDLE_MEMORY },
	{ "/dev/shm/", HANDLE_MEMORY },
	{ "/dev/", HANDLE_DEVICE },
	{ "/", HANDLE_FILE },
};

static enum handle_kind kind_of(const char *link)
{
	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		if (!strncmp(link, beginnings[i].text, strlen(beginnings[i].text)))
			return beginnings[i].kind;
	return HANDLE_OTHER;
}

struct walk {
	struct handles *handles;
	struct snapshot *snapshot;
	struct process_reader reader;
};

static void count_links(int fds, DIR *listing, struct handle_count *count)
{
	struct dirent *entry;
	char link[64];

	while ((entry = readdir(listing))) {
		if (entry->d_name[0] == '.')
			continue;
		count->count++;
		if (proc_file_link(fds, entry->d_name, link, sizeof link) > 0)
			count->kinds[kind_of(link)]++;
		else
			count->kinds[HANDLE_OTHER]++;
	}
}

static void add(struct walk *walk, int directory, int32_t pid, struct handle_count count)
{
	struct walked_process walked = {
		.pid = pid,
		.descriptors = (uint32_t)count.count,
		.sockets = (uint32_t)count.kinds[HANDLE_SOCKET],
		.start_ticks = descriptors_start_ticks(directory),
	};
	struct handles *handles = walk->handles;

	if (!walked.start_ticks)
		return; /* it has ended meanwhile */
	count.process = process_read(walk->snapshot, &walk->reader, &walked);
	array_reserve(handles->items, handles->count, handles->capacity);
	handles->items[handles->count++] = count;
}

/* 0, or the errno of what kept from looking. */
static int look_at(struct walk *walk, int32_t pid)
{
	struct handle_count count = { 0 };
	char path[32];
	int directory, fds, failed = 0;
	DIR *listing;

	snprintf(path, sizeof path, "%d", pid);
	directory = openat(walk->reader.proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds = directory < 0 ? -1 : openat(directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	listing = fds < 0 ? NULL : fdopendir(fds);
	if (listing) {
		count_links(fds, listing, &count);
		add(walk, directory, pid, count);
		closedir(listing);
	} else {
		failed = errno;
		if (fds >= 0)
			close(fds);
	}
	if (directory >= 0)
		close(directory);
	return failed;
}

static int look_at_one(struct walk *walk, int32_t pid, struct error *error)
{
	int failed = look_at(walk, pid);

	if (failed == ENOENT || failed == ESRCH || (!failed && !walk->handles->count))
		return error_set(error, _("there is no process %d"), pid);
	if (failed)
		return error_set(error, _("process %d: %s; run as its user or as root"), pid,
				 language_errno(failed));
	return 0;
}

static int look_at_all(struct walk *walk, struct error *error)
{
	int fd = openat(walk->reader.proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int failed = 0;

	if (!listing) {
		failed = errno;
		if (fd >= 0)
			close(fd);
		return error_set(error, "/proc: %s", language_errno(failed));
	}
	while ((entry = readdir(listing))) {
		uint64_t pid;
		int result;

		if (!text_to_number(entry->d_name, INT32_MAX, &pid) || !pid)
			continue;
		result = look_at(walk, (int32_t)pid);
		if (result == EACCES || result == EPERM)
			walk->handles->refused++;
		else if (result && result != ENOENT && result != ESRCH)
			failed =
				result; /* no descriptor, or no memory: nothing further can be seen */
	}
	closedir(listing);
	if (failed)
		return error_set(error, _("/proc: not every process could be looked at: %s"),
				 language_errno(failed));
	return 0;
}

int handles_read(struct handles *handles, struct snapshot *snapshot, const char *root,
		 int32_t pid, struct error *error)
{
	struct walk walk = { .handles = handles, .snapshot = snapshot };
	const char *path = root ? root : "/proc";
	int result;

	*handles = (struct handles){ 0 };
	walk.reader.proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (walk.reader.proc < 0)
		return error_set(error, "%s: %s", path, language_errno(errno));
	result = pid ? look_at_one(&walk, pid, error) : look_at_all(&walk, error);
	close(walk.reader.proc);
	return result;
}
