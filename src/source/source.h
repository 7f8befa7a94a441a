#pragma once

#include "base/error.h"
#include "snapshot/snapshot.h"

#include <stdbool.h>
#include <stddef.h>

struct failure;

/*
 * Reads a machine into a snapshot. Each system does so in its own way (source/machine.h); evidence
 * from another machine fills the same snapshot (source/evidence/evidence.h).
 */
enum source_scope {
	SCOPE_REACHABLE, /* every namespace that can be entered; the others become gaps */
	SCOPE_ALL,	 /* the same, but a namespace that cannot be entered is an unknown */
	SCOPE_OWN,
	SCOPE_HOST,
	SCOPE_ONE, /* the one named by source_request.netns */
};

/*
 * What routing and the host's addresses say about a call, asked in the first namespace: which source
 * address the system would choose, and whether the call can succeed at all.
 */
struct source_route {
	struct address destination; /* FAMILY_NONE: the call has none */
	uint16_t port;
	enum protocol protocol;
	struct address own; /* to be bound to; FAMILY_NONE: the system chooses */
	const char *device; /* interface to be bound to; NULL: none */

	struct address source; /* answer: what the system would choose; FAMILY_NONE: nothing */
	uint32_t device_index; /* answer: of `device` */
	bool own_is_foreign;   /* answer: `own` is no address of this host */
	const char *why;       /* answer: why the call cannot succeed; NULL if nothing is known
				  to be in its way */
};

struct source_request {
	enum source_scope scope;
	const char *netns; /* SCOPE_ONE: a name under /run/netns, a pid or a path */
	const char *root;  /* a copied /proc to read instead of the live system; NULL: live */
	const char *const *on; /* files and folders that another machine left, "-" for standard
				  input; NULL: none */
	size_t on_count;
	bool passive; /* opens no TCP or UDP socket of its own in the examined namespace */
	bool no_bpf;  /* uses no BPF program */
	const char
		*only;	/* name of the one source of sockets to use; NULL: the best there is */
	bool no_owners; /* does not look for processes */
	bool no_port_test;
	bool cookies; /* sockets are to have one, where that is dearer than without: on Windows */
	bool nat;     /* reads source NAT, too */
	bool port_claims; /* firewall rules that name ranges of ports, and ports of services that
			     are enabled, whether they run or not */
	bool logs; /* what the machine's own log has that bears on a verdict; on Windows only */
	bool ipv6_only; /* asks every connected IPv6 TCP socket for IPV6_V6ONLY, which the room of
			      an IPv4 wildcard bind depends on (UDP ones are few and always asked) */
	const struct windows *
		known; /* on Windows: its settings as an earlier look found them, which are not asked for
			   again: that takes a dozen processes. NULL: they are */
	struct source_route *route; /* NULL: none wanted */
	unsigned sample_ms;	    /* looks twice, so far apart, and notes meanwhile who opens
			       connections: snapshot->sample. 0: one look */

	/*
	 * Called for every socket instead of adding it to the snapshot's holdings, for a list that
	 * is written as it is read. The snapshot's namespaces and processes are filled as usual.
	 */
	void (*on_socket)(void *context, const struct snapshot *snapshot, uint32_t netns,
			  enum owner_kind owner_kind, uint32_t owner,
			  const struct socket_record *record);
	/* The same for calls that a trace among the files saw fail. */
	void (*on_failure)(void *context, const struct failure *failure);
	void *context;
};

/* Whether this machine is read as it is now, and can be asked more about. */
static inline bool source_is_live(const struct source_request *request)
{
	return !request->root && !request->on;
}

/* By which text names where facts come from; NULL: this machine. */
static inline const char *source_first_file(const struct source_request *request)
{
	return request->on ? request->on[0] : NULL;
}

/* What source_request.only may name, best first; ended by NULL. */
extern const char *const source_names[];

/* 0, or -1 with a sentence if nothing at all could be read. The caller frees the snapshot in both
 * cases. What could not be seen is in snapshot->gaps. */
int source_read(const struct source_request *request, struct snapshot *snapshot,
		struct error *error);

/*
 * Looks up the package, version and vendor of the executables of just these processes (indexes):
 * those that findings name. Only on the live system: a copied /proc has no executables. What is not
 * known stays NULL; it takes at most two seconds.
 */
void source_identify(const struct source_request *request, struct snapshot *snapshot,
		     const uint32_t *processes, size_t count);
