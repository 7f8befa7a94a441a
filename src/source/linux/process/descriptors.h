#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who has which socket open: one walk over the descriptors of every process, then a hash. One walk
 * per machine, whatever the number of sockets and namespaces.
 *
 * The walk of /proc knows a socket by its inode; that of BPF by the address of its struct socket, which
 * may serve another socket when that one is closed: so it notes the ports, too.
 */
struct descriptor {
	uint64_t key;	  /* inode, by BPF the address; 0 is an empty place */
	uint32_t process; /* index into descriptors.processes, or NO_WALKED_PROCESS */
	uint32_t number;  /* the descriptor in that process */
	uint16_t local_port, remote_port; /* BPF only */
	/* Bits, for a place of 24 bytes. */
	bool any_port : 1; /* its connections have ports of their own (MPTCP) */
	bool seen : 1;	   /* some dump showed the socket */
	bool not_tcp : 1;  /* some other kind of socket: found out once */
	bool outbound : 1; /* ... as the connecting side of a TCP connection */
	bool shared : 1;   /* further processes have it */
};

/* That this pid namespace does not show. */
enum { NO_WALKED_PROCESS = UINT32_MAX };

enum { WALKED_NAME = 16 };

struct walked_process {
	int32_t pid;
	uint32_t descriptors, sockets;
	uint64_t start_ticks;	/* 0 if it ended meanwhile */
	char name[WALKED_NAME]; /* where the walk tells it; else empty */
};

/* A namespace that only a descriptor keeps alive. */
struct walked_netns {
	uint64_t inode;
	int32_t pid;
	uint32_t number;
};

struct seen_socket;

struct descriptors {
	struct walked_process *processes; /* those with sockets, by pid */
	size_t process_count;
	struct descriptor *sockets; /* hash table by key */
	size_t size, count;
	struct seen_socket
		*bound; /* BPF only: TCP sockets that hold a port but are in no table of
				      connections; their key is the inode */
	size_t bound_count;
	struct walked_netns *namespaces;
	size_t namespace_count;
	unsigned processes_read,
		processes_refused; /* refused: no permission to see descriptors */
	int failed; /* errno of the first walk that ended early, 0 if none did */
};

/* By /proc/PID/fd; `proc` is a descriptor of /proc or of a copy of it. */
void descriptors_walk(struct descriptors *table, int proc);

struct bpf_walk;
struct error;

/* By BPF: sees every process of the machine; `only_bound`: owners are not wanted. */
int descriptors_walk_bpf(struct descriptors *table, struct bpf_walk *walk, bool only_bound,
			 struct error *error);

struct bpf_iterators;

/* By a BPF iterator: sees every process of this pid namespace. */
int descriptors_iterate_bpf(struct descriptors *table, struct bpf_iterators *iterators,
			    bool only_bound, struct error *error);

/* How many TCP sockets that were found no source of sockets has shown. By BPF: it tells the protocol. */
int64_t descriptors_unseen_tcp(const struct descriptors *table);

/* Makes room for so many sockets in all. */
void descriptors_reserve(struct descriptors *table, size_t sockets);

/* The first process (by index) that has the socket keeps it. */
void descriptors_add(struct descriptors *table, const struct descriptor *descriptor);

/* NULL if no readable process has the socket open; one of them if several have, see above. */
struct descriptor *descriptors_find(const struct descriptors *table, uint64_t key);

/* That it will soon be looked for. */
void descriptors_prefetch(const struct descriptors *table, uint64_t key);

/* When the process whose /proc directory this is began, in ticks since boot; 0 if it has ended. */
uint64_t descriptors_start_ticks(int directory);

/* The same from nanoseconds since boot, as /proc/PID/stat tells it. */
uint64_t descriptors_ticks(uint64_t start_ns);

void descriptors_free(struct descriptors *table);
