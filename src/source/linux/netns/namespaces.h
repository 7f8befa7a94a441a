#pragma once

#include "base/error.h"
#include "source/source.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Network namespaces and ways into them: a process in it, a mount (ip netns, container runtimes),
 * or a descriptor that keeps it alive.
 */
struct namespace_entry {
	uint64_t inode;
	char path[256]; /* opened to enter it */
	char held
		[40]; /* a descriptor that keeps it: the process of `path` may only visit it */
	int32_t pid;  /* a process in it, 0 if none is known */
	bool mounted;
	int fd; /* kept open after it was entered once, so that it stays; -1: not */
};

struct namespaces {
	struct namespace_entry *entries; /* the caller's own first */
	size_t count, capacity;
	int own_fd;			/* to come back; -1 until opened */
	uint64_t own_inode, host_inode; /* host: that of pid 1, 0 if it cannot be seen */
	uint64_t init_inode;		/* the same in a container, where pid 1 is its own */
	unsigned refused;		/* processes whose namespace may not be seen */
};

struct descriptors;

/* Finds those in scope. `descriptors` may be NULL. -1 with a sentence if the caller's own or the
 * one asked for cannot be found. */
int namespaces_find(struct namespaces *namespaces, const struct source_request *request,
		    int proc, const struct descriptors *descriptors, struct error *error);
void namespaces_free(struct namespaces *namespaces);

bool namespaces_has(const struct namespaces *namespaces, uint64_t inode);

/* Moves the calling thread into the namespace, or back. 0, or -1 with errno set; ESTALE says that
 * another namespace has the path by now. */
int namespaces_enter(const struct namespaces *namespaces, struct namespace_entry *entry);
int namespaces_return(const struct namespaces *namespaces);

/* A name that --netns takes: "own", "host" or that of a mount; NULL: it has none. One that was not met
 * before is looked for among the mounts, and kept. Valid until the next call. */
const char *namespaces_name(struct namespaces *namespaces, uint64_t inode, int proc);

/* The snapshot's row for the entry: kind and the name that people know it by. */
uint32_t namespaces_describe(struct snapshot *snapshot, const struct namespaces *namespaces,
			     const struct namespace_entry *entry, int proc);
