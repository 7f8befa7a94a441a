#pragma once

#include "base/error.h"
#include "source/linux/netns/namespaces.h"
#include "source/linux/process/descriptors.h"
#include "source/linux/process/process.h"
#include "source/source.h"

/* A machine may be read more than once, until it is known as well as it can be. */
struct attempt {
	bool exactly;	 /* a pass, though the machine is small */
	bool larger;	 /* with as much memory for a pass as there may be */
	bool no_pass;	 /* the last ones came to nothing */
	bool incomplete; /* answer: the pass did */
	struct error why;
};

/*
 * One reading of a machine, while it goes on: what the files that share the work share.
 */
struct reading {
	const struct source_request *request;
	struct snapshot *snapshot;
	struct attempt *attempt;
	int proc;
	struct process_reader process_reader;
	bool processes_hidden; /* those of others are not even in /proc */
	struct descriptors descriptors;
	uint32_t *process_of;  /* walked process -> snapshot process, UINT32_MAX: not yet */
	struct ledger *ledger; /* who made what is in TIME_WAIT; NULL: nobody recorded it */
	struct maker_table *makers;		 /* which process the ledger's are */
	double sample_began_ms, sample_ended_ms; /* as reading_now_ms(); 0: there was none */
	struct pass *pass; /* by BPF, all namespaces at once; NULL: each is read by itself */
	struct bpf_iterators *iterators; /* by which each is read; NULL: another source */
	bool bpf_failed;		 /* to begin either of them */
	struct settings_table *settings; /* of all namespaces; NULL: read from files */
	struct port_set
		*met; /* TCP ports of each namespace, where sockets are handed on one by one
				 and leave no holding; else NULL */
	struct namespaces namespaces;
	struct namespace_entry *entry; /* the one being read */
	uint32_t netns;
	int64_t tcp_seen;     /* TCP sockets so far that the kernel counts as allocated */
	bool bound_was_shown; /* by a dump */
	int bound_support;    /* as sock_diag_shows_bound(); -2: not asked yet */
	bool nat_tried;	      /* nat_trial() */

	struct source_report bpf_tables, bpf_iter, sock_diag, proc_net, port_test, owners,
		ctnetlink, recorded;
};

/* Milliseconds of a clock that only goes forward. */
double reading_now_ms(void);

/* Whether every process could be looked at: only then "nobody has it" can be said. */
bool reading_owners_are_complete(const struct reading *reading);

/* Advice that only helps whoever is not root yet; NULL for root. */
const char *reading_unless_root(const char *advice);

/* Hands a socket on: to the snapshot's holdings, or to whoever asked for single sockets. */
void reading_deliver(struct reading *reading, enum owner_kind kind, uint32_t owner,
		     const struct socket_record *record);

/* The snapshot's index of a walked process, which is read in when it is first met. */
uint32_t reading_process(struct reading *reading, uint32_t walked);

/* sockets.c: whether it is the connecting side of a TCP connection. */
bool sockets_is_outbound(const struct reading *reading, const struct socket_record *record);

/* sockets.c: hands a socket on with its owner, NULL: none is known. */
void sockets_deliver(struct reading *reading, struct descriptor *held,
		     const struct socket_record *record);

/* sockets.c: all sockets of the namespace this thread is in, matched to their owners. */
void sockets_read(struct reading *reading);

/* sockets.c: the bound-only ones there, as far as sock_diag shows them. -1 with a sentence. */
int sockets_read_bound(struct reading *reading, struct error *error);

/* sockets.c: only the UDP ones, where a pass reads TCP. */
void sockets_read_udp(struct reading *reading);

/* kinds.c: settles who owns each port there, connect() or bind(), as far as it may. */
void kinds_settle(struct reading *reading, size_t first_holding);

struct watch;

/* machine.c: reads all of it; what was noted before is told with it. */
int reading_once(const struct source_request *request, struct watch *watch,
		 struct attempt *attempt, struct snapshot *snapshot, struct error *error);

/* machine.c: parts of it that are of use alone. The first opens /proc, or a copy, -1 with a sentence; the second calls
 * read(reading) in each namespace, and makes a gap of what cannot be entered; the third of those that cannot even
 * be seen. The last makes a copied /proc the only namespace. */
int reading_open_proc(const char *root, struct error *error);
void reading_each_namespace(struct reading *reading, void (*read)(struct reading *reading));
void reading_add_refused_gap(struct reading *reading);
void reading_find_copy(struct reading *reading);

/* attempts.c: the same, until it is known as well as it can be. */
int reading_do(const struct source_request *request, struct watch *watch,
	       struct snapshot *snapshot, struct error *error);

/* kinds.c: after a pass, whether every TCP port that bind() took has a socket that was seen. Those in flight
 * through a unix socket or registered in an io_uring have no descriptor that would lead to them. */
bool kinds_are_explained(const struct reading *reading, uint32_t netns);

/* kinds.c: asks sock_diag for the sockets that are missing, in the namespace this thread is in. */
void kinds_explain(struct reading *reading);

/* host.c: the machine's name, system and kernel, and the time. */
void host_describe(struct reading *reading);
