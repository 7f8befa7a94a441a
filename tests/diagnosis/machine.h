#pragma once

#include "diagnosis/diagnosis.h"

#include "suite.h"

/*
 * Machines written by hand, in few words. machine_new() is a quiet one about which everything is
 * known: a host with the address 10.0.0.1 and the ports 40000 to 40099, so that percents are ports;
 * tcp_tw_reuse=2, tcp_tw_reuse_delay=1000, tcp_timestamps=1. Tests change the snapshot at will and
 * end it with snapshot_free().
 */
struct snapshot machine_new(void);

/*
 * A Windows machine about which everything is known, by a listing "netstat -anoq" in netstat.txt: the address 10.0.0.1,
 * the range 50000 to 50099 of each protocol and family, nothing excluded; its sockets are held from 50000 on.
 */
struct snapshot machine_windows(void);

/* A further file that was sent; its index. */
uint32_t machine_artefact(struct snapshot *machine, const char *file, const char *kind);

/* An event of Tcpip in the System log, so many times, the last at that time. */
void machine_event(struct snapshot *machine, uint32_t id, uint64_t count, int64_t last_ms);

/* A call that a trace saw fail, with that status, of that process; ephemeral. */
struct traced_failure *machine_failure(struct snapshot *machine, uint32_t status, int32_t pid,
				       uint64_t count);

/* Calls of connect() to there that portroom trace recorded in the first namespace, the last at that time. */
struct traced_failure *machine_recorded(struct snapshot *machine, const char *remote,
					int32_t pid, uint64_t count, int64_t last_ms);

/* A further namespace just like the first. */
uint32_t machine_add_netns(struct snapshot *machine);

/* The process with that pid; it is made when first asked for. */
struct process *machine_process(struct snapshot *machine, int32_t pid);

/* What the port test would say of these sockets' ports; it is only asked about connections. */
enum port_kind { CONNECT_OWNED, BIND_OWNED, KIND_UNKNOWN };

/* Sockets alike but for their port. What is left out is as told here. */
struct sockets {
	uint32_t netns;
	enum protocol protocol;	  /* TCP */
	enum socket_state state;  /* ESTABLISHED */
	enum time_wait_age age;	  /* in TIME_WAIT: old */
	enum ipv6_only ipv6_only; /* no */
	const char *local;	  /* 10.0.0.1 */
	const char *remote;	  /* 10.0.9.1:5432, where there is a peer at all */
	uint16_t first;		  /* port; 40000 */
	unsigned count;		  /* ports; 1 */
	unsigned each;		  /* sockets on each port; 1 */
	int32_t pid;		  /* no process: nobody's, as in TIME_WAIT */
	enum owner_kind owner; /* instead of a pid; OWNER_RECORDED: of the one that had it */
	bool fresh;	       /* in TIME_WAIT: began during the sample */
	uint32_t user;
	uint32_t expires_ms;
	uint32_t device;
	enum port_kind kind;
};

void machine_hold(struct snapshot *machine, const struct sockets *sockets);

#define hold(machine, ...) machine_hold((machine), &(const struct sockets){ __VA_ARGS__ })

/* Connections through source NAT, alike but for their ports. What is left out is as told here. */
struct through {
	uint32_t netns;
	enum protocol protocol; /* TCP */
	enum nat_state state;	/* ESTABLISHED */
	uint16_t zone;
	const char *from;	 /* 10.1.0.2 */
	const char *asked;	 /* where they go */
	const char *address;	 /* 10.0.0.1 */
	const char *destination; /* 10.0.9.1:5432 */
	uint16_t first;		 /* NAT port; 50000 */
	unsigned count;		 /* 1 */
	uint16_t from_first;	 /* the maker's own port; 40000 */
};

/* The namespace's connections and rules have been read from then on. */
void machine_nat(struct snapshot *machine, const struct through *through);

#define nat_through(machine, ...)                                                             \
	machine_nat((machine), &(const struct through){ __VA_ARGS__ })

/* A rule for TCP and UDP, from everywhere to everywhere, unless told otherwise. */
void machine_nat_rule(struct snapshot *machine, struct nat_rule rule);

#define masquerade(machine, ...) machine_nat_rule((machine), (struct nat_rule){ __VA_ARGS__ })

/*
 * Makes the machine one that was watched for so many seconds, beginning with the first look `before`, which
 * ends with it. Processes are the same by pid. The ledger has seen everything.
 */
void machine_sample(struct snapshot *machine, struct snapshot before, double seconds);

/*
 * A machine with everything a sample can tell: one that made TIME_WAIT and has ended, one of another pid
 * namespace, some of before that the first likely made, calls that failed; and a leak.
 */
struct snapshot machine_sampled(void);

/* Calls of connect() from 10.0.0.1 to 10.0.9.1:5432 meanwhile. */
void machine_call(struct snapshot *machine, int32_t pid, unsigned opens, unsigned failed);

/* A question to the capacity model. What is left out is as told here. */
struct question {
	enum capacity_kind kind;
	uint32_t netns;
	const char *from; /* 10.0.0.1; for a UDP connection: none, the system chooses */
	const char *to;	  /* 10.0.9.1:5432 */
	struct port_range own;
	uint32_t device;
	bool only_six;
	struct capacity_change change;
};

struct capacity machine_room(const struct snapshot *machine, const struct question *question);

#define room(machine, ...) machine_room((machine), &(const struct question){ __VA_ARGS__ })

/* The room is known and lies between these, exact if they are equal and else with a reason. */
void assert_capacity(struct capacity capacity, unsigned room_min, unsigned room_max,
		     const char *file, int line);

#define assert_room(capacity, number)                                                         \
	assert_capacity((capacity), (number), (number), __FILE__, __LINE__)
#define assert_between(capacity, least, most)                                                 \
	assert_capacity((capacity), (least), (most), __FILE__, __LINE__)

/* ---- what a diagnosis says ---- */

/* By the default policy; to be ended by diagnosis_free(). On Windows every command must work in cmd.exe and in PowerShell. */
struct diagnosis judge(const struct snapshot *machine);

/* The only finding, or remark, of that rule; NULL if there is none. More than one fails. */
const struct finding *finding_of(const struct diagnosis *diagnosis, const char *rule);
const struct finding *remark_of(const struct diagnosis *diagnosis, const char *rule);

/* How bad that rule finds it; SEVERITY_OK if it is silent. */
enum severity severity_by(const struct snapshot *machine, const char *rule);
enum severity verdict_on(const struct snapshot *machine);

/* The value of that evidence; fails if there is none. */
int64_t evidence_of(const struct finding *finding, const char *name);

/* The remedy whose text contains the word; NULL if there is none. */
const struct remedy *remedy_with(const struct finding *finding, const char *word);

/* Whether one of the folk remedies that would not help contains the word. */
bool is_useless(const struct finding *finding, const char *word);

/* The process that is blamed; 0: nobody is. */
int32_t culprit_pid(const struct diagnosis *diagnosis, const struct finding *finding);

/* Ends both. */
void machine_end(struct snapshot *machine, struct diagnosis *diagnosis);
