#define _GNU_SOURCE /* setns() */
#include "source/linux/netns/namespaces.h"

#include "base/language.h"
#include "base/text.h"
#include "source/linux/proc_file.h"
#include "source/linux/process/cgroup.h"
#include "source/linux/process/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_MOUNTINFO = 16 << 20 };

static struct namespace_entry *find(const struct namespaces *namespaces, uint64_t inode)
{
	for (size_t i = 0; i < namespaces->count; i++)
		if (namespaces->entries[i].inode == inode)
			return &namespaces->entries[i];
	return NULL;
}

bool namespaces_has(const struct namespaces *namespaces, uint64_t inode)
{
	return find(namespaces, inode) != NULL;
}

static struct namespace_entry *add(struct namespaces *namespaces, uint64_t inode)
{
	struct namespace_entry *entry = find(namespaces, inode);

	if (entry)
		return entry;
	array_reserve(namespaces->entries, namespaces->count, namespaces->capacity);
	entry = &namespaces->entries[namespaces->count++];
	*entry = (struct namespace_entry){ .inode = inode, .fd = -1 };
	return entry;
}

/* In a pid namespace of its own, pid 1 is the container's, and what is its is not the host's. The
 * first pid namespace has a fixed number (Linux include/linux/proc_ns.h, PROC_PID_INIT_INO). */
static bool sees_the_host(int proc)
{
	enum { PID_INIT_INO = 0xEFFFFFFC };
	char link[64];

	return proc_file_link(proc, "self/ns/pid", link, sizeof link) >= 0 &&
	       proc_file_link_number(link, "pid:[") == (uint32_t)PID_INIT_INO;
}

static uint64_t netns_of(int proc, const char *pid)
{
	char path[64], link[64];

	snprintf(path, sizeof path, "%.50s/ns/net", pid);
	errno = 0;
	if (proc_file_link(proc, path, link, sizeof link) < 0)
		return 0;
	return proc_file_link_number(link, "net:[");
}

static void note_process(struct namespaces *namespaces, uint64_t inode, const char *path)
{
	struct namespace_entry *entry = add(namespaces, inode);

	if (entry->pid)
		return;
	entry->pid = (int32_t)strtol(path, NULL, 10);
	if (!entry->path[0])
		snprintf(entry->path, sizeof entry->path, "/proc/%.60s/ns/net", path);
}

static DIR *open_folder(int proc, const char *path)
{
	int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);

	if (!listing && fd >= 0)
		close(fd);
	return listing;
}

/* A thread may have gone to another namespace than its process; `path` is "PID/task". */
static void find_of_threads(struct namespaces *namespaces, int proc, const char *path,
			    uint64_t of_process)
{
	DIR *listing = open_folder(proc, path);
	struct dirent *item;

	if (!listing)
		return;
	while ((item = readdir(listing))) {
		char thread[64];
		uint64_t inode;

		if (item->d_name[0] < '1' || item->d_name[0] > '9')
			continue;
		snprintf(thread, sizeof thread, "%.30s/%.20s", path, item->d_name);
		inode = netns_of(proc, thread);
		if (inode && inode != of_process)
			note_process(namespaces, inode, thread);
	}
	closedir(listing);
}

static void find_of_process(struct namespaces *namespaces, int proc, const char *pid)
{
	struct stat status;
	char path[32];
	uint64_t inode = netns_of(proc, pid);

	if (!inode && (errno == EACCES || errno == EPERM))
		namespaces->refused++;
	if (inode)
		note_process(namespaces, inode, pid);
	else if (errno != ENOENT) /* a main thread that has ended leaves the others behind */
		return;
	/* A folder has two links more than folders in it: one for each thread here. */
	snprintf(path, sizeof path, "%.20s/task", pid);
	if (!fstatat(proc, path, &status, 0) && status.st_nlink > 3)
		find_of_threads(namespaces, proc, path, inode);
}

static void find_of_processes(struct namespaces *namespaces, int proc)
{
	DIR *listing = open_folder(proc, ".");
	struct dirent *item;

	if (!listing)
		return;
	while ((item = readdir(listing)))
		if (item->d_name[0] >= '1' && item->d_name[0] <= '9')
			find_of_process(namespaces, proc, item->d_name);
	closedir(listing);
}

/* Mount points write space, tab, newline and backslash as \040 and so on (proc(5)). */
static void unescape(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] &&
		    text[3]) {
			*to++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] -
				       '0');
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

/* A line of mountinfo: "id parent major:minor net:[4026532211] /run/netns/blue opts - nsfs nsfs rw" */
static void find_mounted(struct namespaces *namespaces, int proc)
{
	size_t length;
	char *text = proc_file_read_all(proc, "self/mountinfo", LARGEST_MOUNTINFO, &length);
	char *save = NULL;

	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char root[64], point[256];
		struct namespace_entry *entry;
		uint64_t inode;

		if (sscanf(line, "%*u %*u %*s %63s %255s", root, point) != 2)
			continue;
		inode = proc_file_link_number(root, "net:[");
		if (!inode)
			continue;
		unescape(point);
		entry = add(namespaces, inode);
		entry->mounted = true;
		snprintf(entry->path, sizeof entry->path, "%s", point);
	}
	free(text);
}

static void find_held(struct namespaces *namespaces, const struct descriptors *descriptors)
{
	for (size_t i = 0; i < descriptors->namespace_count; i++) {
		const struct walked_netns *held = &descriptors->namespaces[i];
		struct namespace_entry *entry = add(namespaces, held->inode);

		if (!entry->held[0])
			snprintf(entry->held, sizeof entry->held, "/proc/%d/fd/%u", held->pid,
				 held->number);
		if (!entry->path[0])
			snprintf(entry->path, sizeof entry->path, "%s", entry->held);
	}
}

/* A name under /run/netns, a pid, or a path, as ip(8) and nsenter(1) take them. */
static int find_one(struct namespaces *namespaces, const char *wanted, struct error *error)
{
	struct namespace_entry *entry;
	struct stat status;
	char path[256];
	uint64_t pid;

	if (text_to_number(wanted, INT32_MAX, &pid))
		snprintf(path, sizeof path, "/proc/%u/ns/net", (unsigned)pid);
	else if (strchr(wanted, '/'))
		snprintf(path, sizeof path, "%s", wanted);
	else
		snprintf(path, sizeof path, "/run/netns/%s", wanted);
	if (stat(path, &status) && (errno == EACCES || errno == EPERM))
		return error_set(error, _("network namespace '%s': %s: %s; run as root"),
				 wanted, path, language_errno(errno));
	if (*wanted && stat(path, &status))
		return error_set(
			error,
			_("network namespace '%s': %s: %s; give all, own, host, a name of "
			  "'ip netns', a pid or a path"),
			wanted, path, language_errno(errno));
	if (!*wanted || !S_ISREG(status.st_mode))
		return error_set(
			error,
			_("'%s' is not a network namespace; give all, own, host, a name of "
			  "'ip netns', a pid or a path"),
			wanted);
	entry = add(namespaces, status.st_ino);
	snprintf(entry->path, sizeof entry->path, "%s", path);
	entry->mounted = entry->mounted || !text_to_number(wanted, INT32_MAX, &pid);
	/* Only the one asked for stays. */
	namespaces->entries[0] = *entry;
	namespaces->count = 1;
	return 0;
}

int namespaces_find(struct namespaces *namespaces, const struct source_request *request,
		    int proc, const struct descriptors *descriptors, struct error *error)
{
	struct namespace_entry *own;

	*namespaces = (struct namespaces){ .own_fd = -1 };
	namespaces->init_inode = netns_of(proc, "1");
	namespaces->host_inode = sees_the_host(proc) ? namespaces->init_inode : 0;
	namespaces->own_inode = netns_of(proc, "self");
	if (!namespaces->own_inode)
		return error_set(error,
				 errno == ENOENT ?
					 _("/proc/self/ns/net: %s; is /proc mounted?") :
					 _("/proc/self/ns/net: %s"),
				 language_errno(errno));
	own = add(namespaces, namespaces->own_inode);
	own->pid = getpid();
	snprintf(own->path, sizeof own->path, "/proc/self/ns/net");

	switch (request->scope) {
	case SCOPE_OWN:
		break;
	case SCOPE_HOST:
		return find_one(namespaces, "1", error);
	case SCOPE_ONE:
		return find_one(namespaces, request->netns, error);
	case SCOPE_REACHABLE:
	case SCOPE_ALL:
		find_of_processes(namespaces, proc);
		find_mounted(namespaces, proc);
		if (descriptors)
			find_held(namespaces, descriptors);
	}
	return 0;
}

void namespaces_free(struct namespaces *namespaces)
{
	for (size_t i = 0; i < namespaces->count; i++)
		if (namespaces->entries[i].fd >= 0)
			close(namespaces->entries[i].fd);
	free(namespaces->entries);
	namespaces->entries = NULL;
}

static int open_path(const char *path, uint64_t inode)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int failed;

	if (fd < 0)
		return -1;
	failed = fstat(fd, &status) ? errno : status.st_ino != inode ? ESTALE : 0;
	if (!failed)
		return fd;
	close(fd);
	errno = failed;
	return -1;
}

static int open_entry(struct namespace_entry *entry)
{
	int fd = open_path(entry->path, entry->inode);
	int failed = errno;

	if (fd >= 0 || !entry->held[0] || !strcmp(entry->path, entry->held))
		return fd;
	fd = open_path(entry->held, entry->inode);
	if (fd >= 0)
		snprintf(entry->path, sizeof entry->path, "%s", entry->held);
	else
		errno = failed;
	return fd;
}

int namespaces_enter(const struct namespaces *namespaces, struct namespace_entry *entry)
{
	/* Some descriptors are left for the work in it. */
	enum { HIGHEST_KEPT = 4096 };
	int fd, failed;

	if (entry->inode == namespaces->own_inode)
		return 0;
	fd = entry->fd >= 0 ? entry->fd : open_entry(entry);
	if (fd < 0)
		return -1;
	failed = setns(fd, CLONE_NEWNET) ? errno : 0;
	if (!failed && fd < HIGHEST_KEPT)
		entry->fd = fd;
	else if (fd != entry->fd)
		close(fd);
	errno = failed;
	return failed ? -1 : 0;
}

int namespaces_return(const struct namespaces *namespaces)
{
	return namespaces->own_fd < 0 ? 0 : setns(namespaces->own_fd, CLONE_NEWNET);
}

const char *namespaces_name(struct namespaces *namespaces, uint64_t inode, int proc)
{
	const struct namespace_entry *entry = find(namespaces, inode);

	if (!entry && inode) {
		find_mounted(namespaces, proc);
		entry = add(namespaces, inode);
	}
	if (!entry)
		return NULL;
	if (inode == namespaces->host_inode)
		return "host";
	if (entry->mounted)
		return strrchr(entry->path, '/') + 1;
	return inode == namespaces->own_inode ? "own" : NULL;
}

static const char *container_of_process(struct arena *arena, int proc, int32_t pid)
{
	char path[32], text[4096];

	snprintf(path, sizeof path, "%d/cgroup", pid);
	if (proc_file_read(proc, path, text, sizeof text) <= 0)
		return NULL;
	return cgroup_read(arena, text).container;
}

static const char *process_label(struct arena *arena, int proc, int32_t pid)
{
	char path[32], name[32];

	snprintf(path, sizeof path, "%d/comm", pid);
	if (proc_file_read(proc, path, name, sizeof name) <= 0)
		return arena_print(arena, _("pid %d"), pid);
	name[strcspn(name, "\n")] = '\0';
	return arena_print(arena, _("pid %d (%s)"), pid, name);
}

uint32_t namespaces_describe(struct snapshot *snapshot, const struct namespaces *namespaces,
			     const struct namespace_entry *entry, int proc)
{
	struct arena *arena = &snapshot->arena;
	struct netns netns = { .inode = entry->inode };
	const char *slash = strrchr(entry->path, '/');
	const char *container;

	if (entry->inode && entry->inode == namespaces->host_inode) {
		netns.kind = NETNS_HOST;
		netns.name = "host"; /* as --netns takes it: not translated */
	} else if (entry->mounted && slash) {
		netns.kind = NETNS_NAMED;
		netns.name = arena_copy(arena, slash + 1);
	} else if (entry->inode == namespaces->own_inode) {
		netns.kind = NETNS_OWN;
		netns.name = "own";
	} else if (entry->pid && (container = container_of_process(arena, proc, entry->pid))) {
		netns.kind = NETNS_CONTAINER;
		netns.name = arena_print(arena, _("container %.12s"), container);
	} else {
		netns.kind = NETNS_PROCESS;
		netns.name = entry->pid ? process_label(arena, proc, entry->pid) :
					  arena_copy(arena, entry->path);
	}
	netns.of_init = entry->inode && entry->inode == namespaces->init_inode;
	if (entry->inode != namespaces->own_inode)
		netns.enter = arena_copy(arena, entry->path);
	return snapshot_add_netns(snapshot, &netns);
}
