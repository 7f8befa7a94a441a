#pragma once

#include "base/format.h"
#include "base/index.h"
#include "snapshot/snapshot.h"
#include "source/artefact/copies.h"
#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dossier;
struct failure;
struct series;

/*
 * What all files of one machine told, while they are read; dossier_join() makes one snapshot of it. Readers write here and
 * nowhere else. Everything lives in the snapshot's arena, or is the dossier's.
 *
 * Facts that are told by one kind of file only go straight into dossier->snapshot (processes, events, traces, ranges of
 * Windows); listings of sockets wait here until it is known which of them is the latest and tells most.
 */
enum dossier_system { FROM_UNKNOWN, FROM_LINUX, FROM_WINDOWS, FROM_SYSTEMS };

/* One row of a listing. */
struct dossier_socket {
	struct address local, remote; /* remote FAMILY_NONE: none */
	uint16_t local_port, remote_port;
	uint8_t protocol, state;       /* enum protocol, enum socket_state */
	uint8_t age;		       /* enum time_wait_age; AGE_YOUNG where it is not told */
	uint8_t timestamps, ipv6_only; /* as in struct socket_record */
	uint8_t mark;		       /* the reader's own, until the table ends */
	int32_t pid;		       /* -1: not told; 0: nobody's (TIME_WAIT) */
	uint32_t user, inode, expires_ms; /* of Linux; inode 0: not told */
	uint16_t
		expires_slack_ms; /* TIME_WAIT: it may be that much more, as told in whole seconds */
	int64_t created_ms;	  /* since 1970 UTC; 0: not told */
	const char *name;	  /* of the program, by dossier_text(); NULL: not told */
};

/* A listing of sockets of one moment. */
struct dossier_table {
	const char *
		what; /* the command that made it, "netstat -ano"; static or of dossier_text() */
	enum dossier_system system;
	const char *stamp; /* the date before it, as it stands there; NULL: none */
	int64_t time_ms;   /* 0: not known */
	bool time_is_local;
	bool time_is_files; /* when the file was written: enough to order listings, no reading */
	bool shows_tcp,
		shows_udp; /* what the listing would have shown, whether there was any or not */
	bool shows_owners; /* a pid or a program on each row that can have one */
	bool shows_listeners;
	bool shows_bound; /* ports that are bound, without a connection (netstat -q, Bound rows) */
	bool is_excerpt; /* cut, or filtered by whoever made it */
	bool is_cut;	 /* the file ended within it: no point of a series */
	const char *
		lacks; /* an excerpt: what is not in it, a sentence in English, N_(); NULL: not known */
	bool only_ipv4,
		only_ipv6; /* the other half is in another file: /proc/net/tcp and tcp6 */
	bool only_bound;   /* what is bound and not connected, and nothing else: ss -B */
	struct dossier_socket *sockets;
	size_t count, capacity;
	uint64_t
		unread_rows; /* rows that were seen and not understood: names for numbers, cut lines */

	/* Called when it ends, before it is taken: what only the whole listing tells can be put right then. The next
	 * form may have taken its first line already. May be NULL. */
	void (*finish)(struct dossier *dossier, struct dossier_table *table, void *state);
	void *state;

	uint32_t artefact; /* set by dossier_begin_table() */
	size_t order;	   /* the same; of no other table */
};

struct dossier {
	struct snapshot *snapshot;
	void (*on_failure)(
		void *context,
		const struct failure *failure); /* each call that a trace saw fail, in the
		order of time as far as it is known; NULL: nobody wants them */
	void *context;

	struct netns netns; /* of Linux: its settings and counters as far as they were told */
	uint64_t systems[FROM_SYSTEMS]; /* how many facts speak for which */
	struct dossier_host {
		const char *name, *file; /* NULL: none is named */
	} hosts[2]; /* the first that is named, and the first that is another */

	/* the rest is dossier.c's */
	struct copies copies;
	const char *file, *part_name;
	int64_t part, modified_ms;
	struct dossier_table *tables; /* whole ones */
	size_t table_count, table_capacity, tables_begun;
	struct dossier_table open_table;
	bool table_is_open;
	struct index name_index, pid_index, failure_index;
	struct dossier_failure *failure_keys; /* beside the snapshot's failures */
	size_t failure_key_count, failure_key_capacity;
	struct dossier_name {
		uint64_t hash;
		const char *text;
	} * names;
	size_t name_count, name_capacity, name_bytes;
	struct dossier_pid {
		int32_t pid;
		uint32_t process;
	} * pids;
	size_t pid_count, pid_capacity;
	int64_t crowd; /* the process that stands for those beyond the most; -1: none does */
	struct series *series; /* series.c's; NULL: no listing has come yet */
};

void dossier_init(struct dossier *dossier, struct snapshot *snapshot);
void dossier_free(struct dossier *dossier); /* the snapshot stays */

/* ---- about the file that is being read ---- */

void dossier_open(struct dossier *dossier, const char *file, int64_t modified_ms);
void dossier_close(struct dossier *dossier);

/* Facts belong to this part of the file from now on: "netstat" of a text that has netsh's output, too. Of the same name
 * there is one part in a file. A literal. */
void dossier_name_part(struct dossier *dossier, const char *kind);

/* The part's index in snapshot->evidence.artefacts; it is made when it is first asked for. */
uint32_t dossier_part(struct dossier *dossier);

void dossier_count_records(struct dossier *dossier, uint64_t records); /* so many more */
void dossier_used_for(struct dossier *dossier,
		      const char *what); /* "sockets"; a literal in English, N_() */

/* Something of it was passed over, and why; the first is kept, and how many there are. */
void dossier_note(struct dossier *dossier, const char *format, ...) FORMAT_PRINTF(2, 3);

/* Nothing could be taken, and why. */
void dossier_refuse(struct dossier *dossier, const char *why);

/* ---- facts ---- */

void dossier_speaks_for(struct dossier *dossier, enum dossier_system system);

/* The file is of the machine of that name. The first that is told is the snapshot's. */
void dossier_host(struct dossier *dossier, struct span name);

/* A copy that lives as long as the snapshot; the same text is kept once. Control characters are the views' to mind. */
const char *dossier_text(struct dossier *dossier, struct span text);

/* That of the pid, made if there is none, with all it has not unknown. Valid until the next; pid > 0. */
struct process *dossier_process(struct dossier *dossier, int32_t pid);
uint32_t dossier_process_index(struct dossier *dossier, int32_t pid);

/* How files call the process of that pid; NULL: not at all. */
const char *dossier_name_of(const struct dossier *dossier, int32_t pid);

/* Of Windows; made at the first call, with all unknown. Speaks for Windows. */
struct windows *dossier_windows(struct dossier *dossier);

/* Listings. Between begin and end the table may be changed. An open one is ended by the next begin. */
struct dossier_table *dossier_begin_table(struct dossier *dossier, const char *what,
					  enum dossier_system system);
void dossier_add_socket(struct dossier *dossier, const struct dossier_socket *socket);
void dossier_end_table(struct dossier *dossier);

/* Counts it to those that are alike. NULL: there are too many that are not; else valid until the next. */
struct logged_event *dossier_add_event(struct dossier *dossier, uint32_t id,
				       const char *provider, int64_t time_ms,
				       const char *text);
struct logged_log *dossier_add_log(struct dossier *dossier, const char *channel);
struct traced_trace *dossier_add_trace(struct dossier *dossier);

/* Counts it to those that are alike, and hands it to on_failure. `like` has everything but counts and times. */
void dossier_add_failure(struct dossier *dossier, struct traced_failure like,
			 uint16_t local_port, int64_t time_ms);

/* The same where more is known of the one than makes them alike: it is handed on as `told` has it. */
void dossier_add_told_failure(struct dossier *dossier, struct traced_failure like,
			      const struct failure *told);

void dossier_add_counted(struct dossier *dossier, int32_t pid, const char *name,
			 enum protocol protocol, enum socket_state state, uint64_t sockets);

/* ---- putting it together: join.c ---- */

/* A listing has ended; its sockets are the callee's. */
void dossier_take_table(struct dossier *dossier, struct dossier_table *table);

/* Gives processes the names that the listings so far have for them, for who cannot wait for dossier_join(). */
void dossier_name_processes(struct dossier *dossier);

/* What was told of another system than the snapshot's becomes a gap: it is of another machine. */
void dossier_tell_others(const struct dossier *dossier, struct snapshot *snapshot,
			 enum dossier_system system);

/* So does what is named to be of another than `known`, or than the first that was named; `file`: that names `known`. */
void dossier_tell_hosts(const struct dossier *dossier, struct snapshot *snapshot,
			const struct dossier_host *known);

/* All files were read: the snapshot is made whole. */
void dossier_join(struct dossier *dossier);
