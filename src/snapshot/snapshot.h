#pragma once

#include "base/arena.h"
#include "base/index.h"
#include "snapshot/evidence.h"
#include "snapshot/holding.h"
#include "snapshot/nat.h"
#include "snapshot/netns.h"
#include "snapshot/process.h"
#include "snapshot/sample.h"
#include "snapshot/windows.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The facts of one machine at one moment, and what could not be seen. Built by a source, const
 * afterwards; one arena owns all of its text, snapshot_free() ends it.
 */

/* Something that would have been looked at but could not be. */
enum gap_effect {
	GAP_OWNERS, /* who holds a port */
	GAP_ROOM,   /* how many are left: a verdict may depend on it */
	GAP_SCOPE,  /* a whole namespace */
	GAP_CLAIMS, /* who else wants ports: source_request.port_claims. No verdict depends on it */
};

struct gap {
	const char *what, *why, *remedy; /* remedy may be NULL */
	enum gap_effect effect;
	int64_t netns; /* index, -1 where it is about the machine */
};

/* Where facts came from, what that cost, and why a source was not used. */
struct source_report {
	const char *name;
	bool used;
	int64_t sockets; /* -1: not a source of sockets */
	double milliseconds;
	const char *why_not;
};

/* A firewall rule that names a range of ports. */
struct port_rule {
	uint32_t netns;
	const char *where; /* "inet filter input handle 12", as nft(8) names it */
	struct port_range range;
};

/* A port that an enabled socket unit of systemd listens on when the machine has booted. */
struct boot_socket {
	const char *unit;
	enum protocol protocol;
	uint16_t port;
};

struct snapshot {
	struct arena arena;
	const char *host_name, *system, *kernel;
	int64_t time_ms;		 /* since 1970 UTC, when reading began */
	int64_t files_open, files_limit; /* of the whole machine; -1 or limit 0: not known */
	int64_t descriptor_ceiling; /* fs.nr_open: no process may have more; -1: not known */

	struct netns *namespaces;
	size_t namespace_count, namespace_capacity;
	struct process *processes;
	size_t process_count, process_capacity;
	struct holding *holdings;
	size_t holding_count, holding_capacity;
	struct gap *gaps;
	size_t gap_count, gap_capacity;
	struct source_report *sources;
	size_t source_count, source_capacity;
	struct nat nat;		      /* source NAT of all namespaces */
	struct port_rule *port_rules; /* only if they were asked for */
	size_t port_rule_count, port_rule_capacity;
	struct boot_socket *boot_sockets; /* the same; in the namespace of pid 1 */
	size_t boot_socket_count, boot_socket_capacity;
	/* WSL in mirrored mode: Windows has the ports, and this kernel chooses from a part that it was given. */
	bool wsl_mirrored;

	struct windows *windows; /* in the arena, one namespace then; NULL: it is Linux */
	struct evidence_facts
		evidence; /* of a live machine its own logs, of one file of portroom save nothing */

	struct sample sample; /* what was seen before, if the machine was watched */
	bool scope_is_all;    /* --netns all: a namespace that could not be entered matters */

	struct index holding_index;
};

/* Indexes stay valid while the arrays grow; pointers do not. */
uint32_t snapshot_add_netns(struct snapshot *snapshot, const struct netns *netns);
uint32_t snapshot_find_netns(const struct snapshot *snapshot,
			     uint64_t inode); /* UINT32_MAX: it is not there */
uint32_t snapshot_add_process(struct snapshot *snapshot, const struct process *process);
void snapshot_add_source(struct snapshot *snapshot, const struct source_report *report);

/* `what` and the others are copied. The same gap twice is one gap. */
void snapshot_add_gap(struct snapshot *snapshot, enum gap_effect effect, int64_t netns,
		      const char *what, const char *why, const char *remedy);

/* Adds one socket to the holding it belongs to. A listening socket must come before the sockets it
 * serves (dumps give listeners first). */
void snapshot_add_socket(struct snapshot *snapshot, uint32_t netns, enum owner_kind owner_kind,
			 uint32_t owner, const struct socket_record *record);

/* Takes over a holding that was read from a file, its ports too. -1: one with that key is there. */
int snapshot_adopt_holding(struct snapshot *snapshot, struct holding *holding);

/* The next holding of the same namespace, NULL behind the last; NULL for `holding`: the first. */
const struct holding *snapshot_next_holding(const struct snapshot *snapshot, uint32_t netns,
					    const struct holding *holding);

/* All holdings of one namespace, in the order in which they were met: on a machine with hundreds of
 * namespaces nothing looks at all of them for each. */
#define snapshot_each_holding(holding, snapshot, netns)                                       \
	for (const struct holding *holding =                                                  \
		     snapshot_next_holding((snapshot), (netns), NULL);                        \
	     holding; holding = snapshot_next_holding((snapshot), (netns), holding))

/*
 * Takes over what was read from inside of the namespaces (settings, counters, addresses, source NAT) and
 * the gaps of another snapshot, which has the same namespaces by index and is empty afterwards. So two threads
 * can read one machine, each into its own.
 */
void snapshot_join(struct snapshot *snapshot, struct snapshot *inside);

/*
 * Takes over what files told of the same machine besides: logs, events, traces and the files themselves, which were sent with it.
 * A process is one that is here if it has the same number, and the same name where both have one. `told` is empty afterwards.
 */
void snapshot_join_evidence(struct snapshot *snapshot, struct snapshot *told);

/* NULL if the holding has no process. */
const struct process *snapshot_owner(const struct snapshot *snapshot,
				     const struct holding *holding);

void snapshot_free(struct snapshot *snapshot);
