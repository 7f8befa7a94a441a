#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who has which socket open: one walk over /proc/PID/fd of every process, then a hash by inode.
 * One walk per machine, whatever the number of sockets and namespaces.
 */
struct descriptor {
	uint32_t inode;
	uint32_t process; /* index into descriptors.processes */
	uint32_t number;  /* the descriptor in that process */
	bool seen;	  /* some dump showed the socket */
	bool not_tcp;	  /* some other kind of socket: found out once */
	bool outbound;	  /* ... as the connecting side of a TCP connection */
};

struct walked_process {
	int32_t pid;
	uint32_t descriptors, sockets;
	uint64_t start_ticks; /* 0 if it ended meanwhile */
};

/* A namespace that only a descriptor keeps alive. */
struct walked_netns {
	uint64_t inode;
	int32_t pid;
	uint32_t number;
};

struct descriptors {
	struct walked_process *processes; /* those with sockets, by pid */
	size_t process_count;
	struct descriptor *sockets; /* hash table by inode; inode 0 is an empty place */
	size_t size, count;
	struct walked_netns *namespaces;
	size_t namespace_count;
	unsigned processes_read,
		processes_refused; /* refused: no permission to see descriptors */
	int failed; /* errno of the first walk that ended early, 0 if none did */
};

/* `proc` is a descriptor of /proc or of a copy of it. */
void descriptors_walk(struct descriptors *table, int proc);
void descriptors_free(struct descriptors *table);

/* NULL if no readable process has the socket open; the lowest pid if several have. */
struct descriptor *descriptors_find(const struct descriptors *table, uint32_t inode);

/* When the process whose /proc directory this is began, in ticks since boot; 0 if it has ended. */
uint64_t descriptors_start_ticks(int directory);
