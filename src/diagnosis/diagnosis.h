#pragma once

#include "diagnosis/capacity.h"
#include "diagnosis/strength.h"
#include "diagnosis/threshold.h"
#include "snapshot/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The judgement: what a snapshot means. Pure: the same snapshot gives the same diagnosis.
 * One arena owns the text; diagnosis_free() ends it. The snapshot must outlive it.
 */
enum severity { SEVERITY_OK, SEVERITY_UNKNOWN, SEVERITY_WARNING, SEVERITY_CRITICAL };

const char *severity_name(enum severity severity); /* "ok", "unknown", ... */
const char *severity_title(
	enum severity severity); /* "OK", "UNKNOWN", ...; to be translated */

/* Findings that somebody knows of and does not want to hear. */
struct ignore {
	const char *rule;
	const char *subject; /* a pattern with * for any text; NULL: every subject */
};

/* How the reader wants to be told. No room at all is critical whatever the thresholds say. */
struct policy {
	struct threshold warning, critical; /* of the room left */
	const struct ignore *ignores;
	size_t ignore_count;
};

extern const struct policy default_policy; /* 20 % or less, 5 % or less, nothing ignored */

/* The ports of one owner in one state. */
struct share {
	enum socket_state state;
	enum owner_kind owner_kind;
	uint32_t process; /* index, valid where owner_is_process() */
	uint32_t user;	  /* uid, valid for OWNER_HIDDEN and OWNER_UNFOUND */
	unsigned ports;
	/* Through source NAT: the address it was made from, before NAT; FAMILY_NONE: not through
	 * NAT. Owner and state are those of the socket there. Where there is none the state is
	 * SOCKET_STATE_COUNT: OWNER_NOBODY says that a namespace that was read has the address,
	 * OWNER_UNFOUND that none has, or with FAMILY_NONE that there are many more addresses. */
	struct address from;
	bool compared; /* of what a process has open, after a sample: */
	int growth;    /* so many more than at the first look */
};

/* One process that opened connections to a destination during a sample. */
struct opener {
	int64_t process; /* index; -1: not known, or the kernel itself */
	uint64_t opens;
	uint64_t failed_calls; /* for want of a port */
	unsigned rested;       /* came to rest in TIME_WAIT meanwhile, and still do */
};

/* How fast it goes, measured by a sample. Where it was not measured: -1. */
struct rates {
	double opens_per_s;  /* connections */
	bool opens_at_least; /* more may have been: not all were recorded */
	double rests_per_s; /* of these closed by this side first: they came to rest in TIME_WAIT */
	double lost_per_s;    /* ports, what was taken less what came back; 0 within chance */
	int64_t full_in_s;    /* if it goes on like that; -1 also where it does not fill */
	int64_t failed_calls; /* for want of a port */
	struct opener *openers; /* most opens first */
	size_t opener_count;
};

/* Every (source, destination, port) that TCP connections go to. Fullest first in the diagnosis. */
struct destination {
	uint32_t netns;
	struct address source, destination;
	uint16_t port;
	uint32_t device; /* interface its sockets are bound to; 0: none */
	struct capacity capacity;
	unsigned states[SOCKET_STATE_COUNT]; /* ports by state */
	struct share *shares;		     /* most ports first */
	size_t share_count;
	uint32_t latest_expiry_ms; /* when the last TIME_WAIT is over; 0: none */
	uint32_t *holdings;	   /* indexes into snapshot.holdings */
	size_t holding_count;
	struct rates rates;
};

/*
 * What bind(source, 0) draws from; for UDP also what connect() and send without bind draw from. On Windows there are four,
 * one for each protocol and family, whoever draws from them; `bind_made` and `drawing` are what is bound and idle there.
 */
struct pool {
	uint32_t netns;
	enum capacity_kind kind; /* CAPACITY_BIND or CAPACITY_UDP_CONNECT */
	struct address source;	 /* the wildcard for CAPACITY_UDP_CONNECT */
	struct capacity capacity;
	struct share *shares; /* most ports first */
	size_t share_count;
	struct share *drawing; /* of these, ports that bind() took: who draws from the pool */
	size_t drawing_count;
	unsigned bind_made; /* eligible ports in it that bind() took */
	struct rates rates;
};

/*
 * Ports that source NAT has for one (NAT address, protocol, destination, port). Where several rules
 * may have made its connections and name different ranges, its room lies between `least` and `most`;
 * else these are the same.
 */
struct nat_use {
	const struct nat_tuple *tuple;
	/* Where NAT takes ports from; not known: it cannot be told, and neither can the room. */
	struct port_range range;
	const struct nat_rule *rule; /* the one that names the range; NULL: none names one */
	unsigned used, resting; /* ports in the range; of these, connections that are over */
	struct capacity least, most;
	const struct share *shares; /* most ports first: of the tuple, whatever the range */
	size_t share_count;
};

struct evidence {
	const char *name; /* as in JSON: lower_snake */
	int64_t value;
	const char *unit; /* "ports", "ms", "connections/s", ... */
};

struct remedy {
	const char *text;
	const char *directive; /* how to do it in the program concerned; NULL: not known */
	const char *command;   /* to paste; NULL: none */
	int64_t room_before;   /* at least */
	/* By the capacity model; -1: it does not change the room, or by how much is not known. */
	int64_t room_after_min, room_after_max;
	const char *lasts; /* NULL: for good */
	int64_t lasts_s;   /* the same in seconds, at the pace so far; -1: not known */
	const char *risk;  /* NULL: none known */
};

struct finding {
	const char *rule;
	enum severity severity;
	uint32_t netns;
	const char *subject; /* "tcp 10.0.0.5 -> 10.0.9.1:5432": what it is about */
	const char *title;   /* one line, the subject included */
	int64_t culprit;     /* index into snapshot.processes; -1: nobody can be named */
	const struct share *shares; /* who has the ports */
	size_t share_count;
	const struct rates *rates; /* of what it is about; NULL: it has none */
	const char *reason;
	const char *forecast; /* what a sample measured, and what follows; NULL: nothing */
	struct evidence evidence[16];
	size_t evidence_count;
	struct remedy remedies[8];
	size_t remedy_count;
	const char *useless[6]; /* folk remedies that would not help, and why */
	size_t useless_count;
	enum strength strength; /* of what it rests on, where that was sent by somebody */
	uint32_t sources[8];	/* indexes into evidence.artefacts */
	size_t source_count;
};

struct namespace_view {
	struct port_map *map;
	struct capacity
		anywhere;     /* room of connect() to a destination nobody is connected to */
	struct share *shares; /* who owns bind-owned eligible ports */
	size_t share_count;
	unsigned bound_only; /* eligible ports whose owner is bound and idle */
	unsigned connections, connection_ports; /* outbound TCP, in the range */
	struct rates rates;			/* of `anywhere` */
};

struct trend;

struct diagnosis {
	struct arena arena;
	const struct snapshot *snapshot;
	struct diagnosis
		*before; /* usage at the first look of a sample; NULL: there was none */
	struct policy policy;
	enum severity verdict;
	enum strength
		strength; /* of the evidence that ports ran out; none on a live machine */
	const char *headline;
	struct namespace_view *namespaces; /* one per snapshot namespace */
	struct destination *destinations;
	size_t destination_count, destination_capacity;
	struct destination **by_target; /* the same, to be found: usage.h */
	struct pool *pools;
	size_t pool_count, pool_capacity;
	struct nat_use *nats; /* fullest first; those of which nothing is known last */
	size_t nat_count, nat_capacity;
	struct trend *trend;	  /* of several listings; NULL: there is one, or none */
	struct finding *findings; /* worst first */
	size_t finding_count, finding_capacity;
	struct finding *ignored; /* findings that the policy leaves out of the verdict */
	size_t ignored_count, ignored_capacity;
	struct finding *remarks; /* not findings: things that look ill and are not */
	size_t remark_count, remark_capacity;
};

void diagnosis_make(struct diagnosis *diagnosis, const struct snapshot *snapshot,
		    const struct policy *policy);
void diagnosis_free(struct diagnosis *diagnosis);

/* The severity of having this much room; unknown if the interval spans a threshold. */
enum severity diagnosis_severity(const struct diagnosis *diagnosis,
				 const struct capacity *capacity);

/* Whom the finding names, else who has most of its ports or likely had them: an index into
 * snapshot.processes; -1: nobody. `likely`: it is not named. */
int64_t finding_suspect(const struct finding *finding, bool *likely);
