#pragma once

#include "snapshot/port_range.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many of one kind among what a process has open. On Windows the name of the object type, "Event", as the system has it. */
struct open_kind {
	const char *name;
	int64_t count;
};

/* Sockets of Windows are files of this device: counted apart from other files. */
#define OPEN_KIND_AFD "\\Device\\Afd"

/*
 * A process that holds sockets, or made what is left of them. Text is NULL and numbers are -1 where they
 * could not be read. Text comes from the process itself and may hold any bytes: views write it safely.
 */
struct process {
	int32_t pid; /* 0: it has none that is visible here, being in another pid namespace */
	bool ended;  /* there is none any more, and nothing to be done to it */
	bool is_told_by_pid; /* by a file that may name it or not: without a name it has not ended */
	uint64_t
		start_ticks; /* with pid it names one process for ever (proc(5), stat field 22) */
	int64_t start_time; /* seconds since 1970 UTC */
	const char *name;   /* "comm", at most 15 bytes */
	const char *executable;
	const char *command_line; /* arguments joined by spaces */
	int64_t user;		  /* real uid */
	const char
		*user_name; /* from /etc/passwd only: asking a directory could need a port */
	const char *unit;   /* systemd unit of its cgroup */
	bool user_unit;	    /* of a user's service manager, not of the system's */
	const char *container;		       /* container id, 64 hexadecimal digits */
	const char *pod;		       /* Kubernetes pod uid */
	int64_t descriptors, descriptor_limit; /* the soft limit, which calls fail at */
	int64_t descriptor_hard_limit;	       /* up to which it may be raised */
	int64_t socket_descriptors;	       /* of `descriptors`, sockets of any kind */
	uint32_t
		descriptors_from; /* which of evidence.artefacts told them, plus one; 0: none did */
	struct open_kind *
		kinds; /* what `descriptors` are, most first; NULL: only their number is told */
	size_t kind_count;

	/* What it is written for, told by what it is and not by a name: "Go", ".NET", "Java". Looked
	 * at only for the few that have most sockets. */
	const char *runtime;

	/* Of the executable, looked up only for whom a finding names: source_identify(). */
	const char *package, *version, *vendor;

	/* IP_LOCAL_PORT_RANGE, read from a few of its connected sockets. */
	unsigned sampled_sockets;    /* looked at; 0: none could be */
	unsigned ranged_sockets;     /* of these, with a range of their own */
	struct port_range own_range; /* the one found; all of ranged_sockets have it */
};

/* One of which nothing is known yet. */
struct process process_unread(int32_t pid);

/* Its name, and if it has none why, for people. */
const char *process_title(const struct process *process);
