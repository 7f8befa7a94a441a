#pragma once

#include "snapshot/address.h"
#include "snapshot/failure.h"
#include "snapshot/port_set.h"
#include "snapshot/socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a snapshot has besides the machine's sockets where it was put together from what somebody sent: which files there
 * were, what the machine itself has logged, which calls a trace saw fail, and how it was earlier. Of a machine that is looked
 * at itself it has what stands in its own logs.
 * All text lives in the snapshot's arena. Times are in milliseconds since 1970 UTC, 0 where they are not known.
 */

/* One piece of evidence: a file, or a part of one (a member of an archive, an output among others in one text). */
struct artefact {
	const char *file; /* "bundle.zip/netstat.txt"; "standard input" */
	const char *kind; /* as what it was recognised, "netstat", "etl"; NULL: as nothing */
	uint64_t records; /* rows, events, settings that were taken from it */
	const char *used_for; /* a few words: "sockets", "events"; NULL: it told nothing */
	const char *
		partial; /* why it was not read to its end, or what of it was passed over: a sentence; NULL: whole */
	const char *
		why_not; /* why nothing could be taken from it: a sentence; NULL: something was */
};

/* Events alike in number, provider and log. */
struct logged_event {
	uint32_t artefact;    /* index into artefacts */
	uint32_t id;	      /* 4231 */
	const char *provider; /* "Tcpip", "NETLOGON"; NULL: not told */
	uint64_t count;
	int64_t first_ms, last_ms;
	bool time_is_local; /* of an unknown time zone: differences are right, the moment is not */
	const char *text; /* of the latest, as the file has it; NULL: none */
};

/* One log, so that the absence of an event is judged rightly. */
struct logged_log {
	uint32_t artefact;
	const char *channel; /* "System"; NULL: not told */
	uint64_t records,
		recovered; /* recovered: found in what had been overwritten or deleted */
	uint64_t
		recovered_read; /* of these, what could be read; it is counted among the events */
	uint64_t
		missing; /* numbers of records between the first and the last that are not there */
	int64_t oldest_ms, newest_ms;
	int64_t looked_from_ms; /* what is older was not looked at; 0: all of it was */
	bool time_is_local;	/* as of events */
	bool corrupted;		/* the file says that it was not closed, or it is spoilt */
	bool cleared;		/* somebody has cleared it: event 104 of Eventlog */
	int64_t cleared_ms;
	bool excerpt; /* a copy of single events: what is absent may have been left out */
};

/* Calls alike in all but their time and local port, seen to fail by a trace. */
struct traced_failure {
	uint32_t artefact;
	enum failure_call call;
	bool protocol_known;
	enum protocol protocol;
	uint32_t status; /* NTSTATUS; 0: it is of Linux */
	const char
		*error; /* of Linux, what the program got: "EADDRNOTAVAIL"; NULL: of Windows */
	uint64_t netns; /* of Linux, the namespace's inode number; 0: not known */
	const char *netns_name;	      /* NULL: none but the number */
	int64_t process;	      /* index into snapshot.processes; -1: not known */
	struct address local, remote; /* FAMILY_NONE: not told */
	uint16_t remote_port;
	bool ephemeral;	   /* it asked for any port: local port 0, or none was named */
	bool by_transport; /* it is TCP/IP that tells it, of its search for a port */
	uint64_t count;
	int64_t first_ms, last_ms;
};

enum { NTSTATUS_TOO_MANY_ADDRESSES = (int)0xc0000209 };

/* Whether it failed for want of a port; of Linux nothing else is traced. Others ask for a port that somebody has, or got one and were refused. */
bool traced_failure_wants_port(const struct traced_failure *failure);

/* One of them, as it is told; its process and what the program got are not known to it. */
struct failure traced_failure_told(const struct traced_failure *failure, uint16_t local_port,
				   int64_t time_ms);

/* How often something of a trace was met. */
struct traced_count {
	const char *provider; /* of events: its name, or its GUID; NULL for others */
	uint32_t id; /* of an event, or what kind of record or of extended item it is */
	uint64_t count;
};

struct traced_counts {
	struct traced_count *items; /* in the arena, by provider and id */
	size_t count;
	uint64_t others; /* of more kinds than are kept */
};

/* What Kernel-Network told of one process: it knows no failures, but who is how busy. */
struct traced_process {
	uint32_t process; /* index into snapshot.processes */
	uint64_t tcp_events, udp_events;
	uint64_t connects, disconnects, accepts; /* of TCP */
	uint32_t local_ports;			 /* distinct ones of TCP */
};

/* What portroom trace has written itself, live: what it could show. */
struct traced_recording {
	const char *source;	 /* "bpf", "perf", "etw", "etl" */
	const char *why_not_bpf; /* NULL: it was, or the system has none */
	bool filtered;		 /* options let only some calls be told */
	bool ended;		 /* its last line is there: it was not broken off */
	uint64_t unclear; /* calls that failed, whether for want of a port was not clear */
	struct failure_coverage coverage[FAILURE_KIND_COUNT];
};

/* One trace: what it could show at all. */
struct traced_trace {
	uint32_t artefact;
	int build; /* of the system that made it; -1: not told */
	uint64_t events, afd_events, tcpip_events,
		network_events; /* by provider; of a recording all are failures */
	uint64_t completed_binds, completed_connects; /* of AFD, failed or not */
	uint64_t failures; /* calls that failed, for whatever reason */
	uint64_t events_lost, buffers_lost;
	int64_t first_ms, last_ms;
	bool wrapped;	 /* a circular file: its beginning was overwritten */
	bool incomplete; /* by what is above, or since not all of it could be read: what it does not show may have been all the same */
	uint64_t more_failures; /* beyond those in the list */
	const struct traced_recording
		*recording; /* in the arena; NULL: it is an event trace of Windows */

	/* How an event trace is made. */
	uint64_t buffers, compressed_buffers;
	struct traced_counts records;	  /* by the type of their header, 0x13 */
	struct traced_counts extended;	  /* items of events, by their type */
	struct traced_counts identities;  /* events by provider and id */
	struct traced_process *processes; /* most connects first; in the arena */
	size_t process_count;
};

/* Whether it was taken on Windows. */
bool traced_trace_is_windows(const struct traced_trace *trace);

/* Whether it would have shown a call that failed for want of a port. */
bool traced_trace_shows_failures(const struct traced_trace *trace);

/* Sockets that were counted and not listed, by process and state: Group-Object has that. */
struct counted_share {
	uint32_t artefact;
	int64_t process; /* index into snapshot.processes; -1: not told */
	enum protocol protocol;
	enum socket_state state;
	uint64_t sockets;
};

/* How many ports one process had at a point of a series. */
struct series_share {
	int64_t pid;	  /* -1: not told */
	const char *name; /* NULL: not told */
	uint32_t ports;	  /* distinct local ports of TCP and UDP that do not listen */
	uint32_t bound, close_wait, established;
};

/* One listing of sockets among several. */
struct series_point {
	uint32_t artefact;
	const char *
		what; /* the command that made it: what lists differently cannot be compared */
	const char *stamp; /* as the file has it; NULL: none */
	int64_t time_ms;   /* 0: not told, or ambiguous */
	bool time_is_local; /* of an unknown time zone: differences are right, the moment is not */
	bool time_is_files; /* when the file was written; a copy may have another */
	int64_t since_ms; /* where the date is ambiguous: since the first of its file; -1: not known either */
	struct port_set ports[PROTOCOL_COUNT][2]; /* in use and not listened on; IPv4, IPv6 */
	/* Of a look of portroom watch, which has numbers instead: ports of the range; size 0: not known. */
	struct series_counted {
		uint32_t used, size;
	} counted[PROTOCOL_COUNT][2];
	bool is_counted;
	uint32_t rows, time_wait, close_wait, bound, established;
	struct series_share *shares; /* most ports first */
	size_t share_count;
};

/* The rows of one process in all listings. */
struct series_total {
	int64_t pid;
	const char *name; /* NULL: not told */
	uint64_t rows;
};

/* What the last look of portroom watch found itself, which saw more than its line has. */
struct watched_look {
	const char *
		verdict; /* "ok", "warning", "critical", "unknown"; NULL: there is no such look */
	uint32_t artefact;
	int64_t time_ms;
	int64_t room, capacity; /* of the fullest; -1: not told */
	const char *fullest;	/* "tcp 10.0.0.5 -> 10.0.9.1:443"; NULL: nothing is */
	int64_t process;	/* who has most of it; -1: not told */
};

struct evidence_facts {
	struct artefact *artefacts;
	size_t artefact_count, artefact_capacity;
	bool own; /* artefacts are the machine's own logs, which were read on it: nobody sent files */
	/* Which of them the sockets are of: its index plus one; 0: none. */
	uint32_t listing[PROTOCOL_COUNT];
	const char *
		listing_stamp; /* the date before that of TCP, by that machine's clock; NULL: none */
	struct logged_event *events;
	size_t event_count, event_capacity;
	struct logged_log *logs;
	size_t log_count, log_capacity;
	struct traced_failure *failures;
	size_t failure_count, failure_capacity;
	struct traced_trace *traces;
	size_t trace_count, trace_capacity;
	struct counted_share *counted;
	size_t counted_count, counted_capacity;
	struct series_point *
		points; /* by time, or in the order of the file; the last is what the snapshot tells */
	size_t point_count, point_capacity;
	uint64_t listing_count; /* there were; of very many not all are points */
	uint32_t point_step;	/* every so manieth listing is a point; 0 or 1: each */
	struct watched_look look;
	struct series_total *totals; /* most rows first; in the arena */
	size_t total_count;
};

/* Whether it was put together from files: they tell of another machine, and of another time. */
static inline bool evidence_was_sent(const struct evidence_facts *facts)
{
	return facts->artefact_count && !facts->own;
}

/* The latest moment that any of it tells of; 0: none does. Times of an unknown zone do not count. */
int64_t evidence_newest_ms(const struct evidence_facts *facts);

void evidence_facts_free(struct evidence_facts *facts);

/* How many bytes of their folder's name, its slash included, all files begin with: whoever names one may leave them out. */
size_t evidence_folder(const struct evidence_facts *facts);
