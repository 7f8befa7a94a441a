#include "source/linux/process/descriptors.h"

#include "base/arena.h"
#include "source/linux/proc_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The walk costs one readlink per descriptor, about 4 us each, and nothing else matters: two
 * threads take processes from one list and halve it. Each keeps its own findings; they are joined
 * at the end, lowest pid first, so that a socket shared by a fork belongs to the parent.
 *
 * A process that ends during its turn is simply gone. Its directory was opened first, so a new
 * process with the same pid cannot lend it its descriptors.
 */

enum { WALKERS = 2 };

struct found_socket {
	uint32_t inode, number;
	int32_t pid;
	uint32_t process;
};

struct walker {
	const int32_t *pids;
	size_t pid_count;
	atomic_size_t *next;
	int proc;

	struct found_socket *sockets;
	size_t socket_count, socket_capacity;
	struct walked_process *processes;
	size_t process_count, process_capacity;
	struct walked_netns *namespaces;
	size_t namespace_count, namespace_capacity;
	unsigned read, refused;
	int failed;
};

/* Field 22 of /proc/PID/stat; the name in field 2 may hold spaces and parentheses. */
uint64_t descriptors_start_ticks(int directory)
{
	char stat[1024], *at;
	unsigned long long ticks;

	if (proc_file_read(directory, "stat", stat, sizeof stat) < 0)
		return 0;
	at = strrchr(stat, ')');
	if (!at || sscanf(at + 1,
			  " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
			  " %*s %*s %*s %*s %llu",
			  &ticks) != 1)
		return 0;
	return ticks;
}

static void note_link(struct walker *walker, struct walked_process *process, const char *link,
		      uint32_t number)
{
	uint64_t inode = proc_file_link_number(link, "socket:[");

	if (inode) {
		array_reserve(walker->sockets, walker->socket_count, walker->socket_capacity);
		walker->sockets[walker->socket_count++] = (struct found_socket){
			.inode = (uint32_t)inode,
			.number = number,
			.pid = process->pid,
		};
		process->sockets++;
		return;
	}
	inode = proc_file_link_number(link, "net:[");
	if (inode) {
		array_reserve(walker->namespaces, walker->namespace_count,
			      walker->namespace_capacity);
		walker->namespaces[walker->namespace_count++] = (struct walked_netns){
			.inode = inode,
			.pid = process->pid,
			.number = number,
		};
	}
}

static void walk_process(struct walker *walker, int32_t pid)
{
	struct walked_process process = { .pid = pid };
	char path[32], link[64];
	struct dirent *entry;
	DIR *listing;
	int directory, fds;

	snprintf(path, sizeof path, "%d", pid);
	directory = openat(walker->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds = directory < 0 ? -1 : openat(directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	listing = fds < 0 ? NULL : fdopendir(fds);
	if (!listing) {
		if (errno == EACCES || errno == EPERM)
			walker->refused++;
		else if (errno != ENOENT && errno != ESRCH)
			walker->failed = errno;
		if (fds >= 0)
			close(fds);
		goto out;
	}
	walker->read++;
	while ((entry = readdir(listing))) {
		if (entry->d_name[0] == '.')
			continue;
		process.descriptors++;
		if (proc_file_link(fds, entry->d_name, link, sizeof link) > 0)
			note_link(walker, &process, link,
				  (uint32_t)strtoul(entry->d_name, NULL, 10));
	}
	closedir(listing);
	if (process.sockets) {
		process.start_ticks = descriptors_start_ticks(directory);
		array_reserve(walker->processes, walker->process_count,
			      walker->process_capacity);
		walker->processes[walker->process_count++] = process;
	}
out:
	if (directory >= 0)
		close(directory);
}

static void *walk(void *context)
{
	struct walker *walker = context;
	size_t at;

	while ((at = atomic_fetch_add(walker->next, 1)) < walker->pid_count)
		walk_process(walker, walker->pids[at]);
	return NULL;
}

static int32_t *list_pids(int proc, size_t *count, int *failed)
{
	int fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int32_t *pids = NULL;
	size_t capacity = 0;

	*count = 0;
	if (!listing) {
		*failed = errno;
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	while ((entry = readdir(listing))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (*end || pid <= 0 || pid > INT32_MAX)
			continue;
		array_reserve(pids, *count, capacity);
		pids[(*count)++] = (int32_t)pid;
	}
	closedir(listing);
	return pids;
}

static int by_pid(const void *a, const void *b)
{
	const struct walked_process *left = a, *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

static uint32_t process_index(const struct descriptors *table, int32_t pid)
{
	struct walked_process key = { .pid = pid };
	struct walked_process *found =
		bsearch(&key, table->processes, table->process_count, sizeof key, by_pid);

	return (uint32_t)(found - table->processes);
}

static void join(struct descriptors *table, struct walker walkers[WALKERS])
{
	size_t sockets = 0, processes = 0, namespaces = 0;

	for (int w = 0; w < WALKERS; w++) {
		sockets += walkers[w].socket_count;
		processes += walkers[w].process_count;
		namespaces += walkers[w].namespace_count;
	}
	table->processes = memory_zeroed(processes, sizeof *table->processes);
	table->namespaces = memory_zeroed(namespaces, sizeof *table->namespaces);
	descriptors_reserve(table, sockets);
	for (int w = 0; w < WALKERS; w++) {
		const struct walker *walker = &walkers[w];

		for (size_t i = 0; i < walker->process_count; i++)
			table->processes[table->process_count++] = walker->processes[i];
		for (size_t i = 0; i < walker->namespace_count; i++)
			table->namespaces[table->namespace_count++] = walker->namespaces[i];
		table->processes_read += walker->read;
		table->processes_refused += walker->refused;
		if (walker->failed)
			table->failed = walker->failed;
	}
	qsort(table->processes, table->process_count, sizeof *table->processes, by_pid);
	for (int w = 0; w < WALKERS; w++) {
		int32_t pid = 0;
		uint32_t process = 0;

		for (size_t i = 0; i < walkers[w].socket_count; i++) {
			const struct found_socket *socket = &walkers[w].sockets[i];

			if (socket->pid != pid) { /* sockets of one process come together */
				pid = socket->pid;
				process = process_index(table, pid);
			}
			descriptors_add(table, &(struct descriptor){
						       .key = socket->inode,
						       .process = process,
						       .number = socket->number,
					       });
		}
	}
}

void descriptors_walk(struct descriptors *table, int proc)
{
	struct walker walkers[WALKERS] = { 0 };
	atomic_size_t next = 0;
	pthread_t thread;
	bool threaded;
	size_t count;
	int32_t *pids = list_pids(proc, &count, &table->failed);

	for (int w = 0; w < WALKERS; w++) {
		walkers[w].pids = pids;
		walkers[w].pid_count = count;
		walkers[w].next = &next;
		walkers[w].proc = proc;
	}
	/* Without a thread (limit reached) the walk only takes longer. */
	threaded = !pthread_create(&thread, NULL, walk, &walkers[1]);
	walk(&walkers[0]);
	if (threaded)
		pthread_join(thread, NULL);
	join(table, walkers);
	for (int w = 0; w < WALKERS; w++) {
		free(walkers[w].sockets);
		free(walkers[w].processes);
		free(walkers[w].namespaces);
	}
	free(pids);
}
