#pragma once

#include "diagnosis/rule.h"
#include "knowledge/programs.h"

/*
 * Remedies that several rules offer. Each says what room the destination or pool would have by the
 * capacity model, so nothing is promised that the kernel does not give.
 */

/* The question behind a destination. */
struct capacity_query remedy_query(const struct destination *destination);

/* ---- in the program: remedy_program.c ---- */

void remedy_reuse_connections(struct diagnosis *diagnosis, struct finding *finding,
			      const struct destination *destination);
void remedy_second_source(struct diagnosis *diagnosis, struct finding *finding,
			  const struct destination *destination);

/* Ends the process: what it holds comes back, connections after their time in TIME_WAIT. */
void remedy_end_process(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query, int64_t index);

/* Closes what is in CLOSE_WAIT from outside: the program goes on. */
void remedy_close_connections(struct diagnosis *diagnosis, struct finding *finding,
			      const struct destination *destination);

/* ---- settings of the kernel: remedy_setting.c ---- */

void remedy_tw_reuse(struct diagnosis *diagnosis, struct finding *finding,
		     const struct destination *destination);

/* Shorter waiting for a peer that does not close; only for connections that no process has. */
void remedy_fin_timeout(struct diagnosis *diagnosis, struct finding *finding,
			const struct destination *destination);

/* Shorter waiting for an answer to connect(). */
void remedy_syn_retries(struct diagnosis *diagnosis, struct finding *finding, uint32_t netns);

/* Widens the range to 1024-65535. */
void remedy_wider_range(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query);

/* Drops all reservations, if at least so much of the range is reserved. */
void remedy_drop_reserved(struct diagnosis *diagnosis, struct finding *finding,
			  const struct capacity_query *query, unsigned least_percent);

/* Reserved ports that are a part of what a destination or pool lacks. */
enum { NOTABLY_RESERVED_PERCENT = 10 };

/* Adds the ports to those that are reserved already. */
void remedy_reserve(struct diagnosis *diagnosis, struct finding *finding, uint32_t netns,
		    const struct port_set *ports);

/* ---- on Windows: remedy_windows.c ---- */

/* Widens the range of that protocol and family. */
void remedy_windows_range(struct diagnosis *diagnosis, struct finding *finding,
			  const struct capacity_query *query);

/* Ends the process or restarts its service; not those without which Windows stops. NULL query: the room is not known. */
void remedy_windows_end(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query, int64_t index);

/* In the program: connections are used again; sockets are closed. */
void remedy_windows_pooling(struct finding *finding);
void remedy_windows_close(struct finding *finding);

/* Where no process has the ports. */
void remedy_windows_dump(struct finding *finding);

/* A shorter TcpTimedWaitDelay. */
void remedy_windows_wait(const struct diagnosis *diagnosis, struct finding *finding);

/* What people try. `rests`: TIME_WAIT has many of the ports. */
void remedy_windows_useless(struct finding *finding, bool rests);

/* ---- parts of which they are made: remedy.c ---- */

/* Each change costs a pass over all holdings: beyond so many findings the reader has enough. */
enum { FINDINGS_MODELLED = 64 };

/* The answer if the change were made. */
struct capacity remedy_capacity(struct diagnosis *diagnosis,
				const struct capacity_query *query,
				const struct capacity_change *change);

/* Adds the remedy with the room before and after the change; one that brings nothing is left out. */
void remedy_add_with_room(struct diagnosis *diagnosis, struct finding *finding,
			  const struct capacity_query *query,
			  const struct capacity_change *change, struct remedy remedy);

/* A remedy for something else than a lack of ports: it leaves the room as it is. */
struct remedy remedy_aside(const char *text, const char *command);

/* A remedy in the program itself, whose gain in room cannot be told. */
void remedy_mend(struct finding *finding, const char *text, unsigned room_before);

/* The same where some programs have a directive for it. */
void remedy_advise(struct diagnosis *diagnosis, struct finding *finding, enum advice_kind kind,
		   const char *text, unsigned room_before);

/* What the finding's program calls it, in its configuration or code; NULL where neither is known. */
const char *remedy_directive(struct diagnosis *diagnosis, const struct finding *finding,
			     enum advice_kind kind);

/* What people try and why it does not help here. */
void remedy_useless(struct finding *finding, const struct destination *destination);

/* ---- what to type: remedy_command.c ---- */

/* Whether the system's service manager runs it, so that a command may name its unit. */
bool remedy_is_service(const struct process *process);

const char *remedy_end_command(struct diagnosis *diagnosis, const struct process *process);

/* The command as one would type it to run it in that namespace; NULL if that cannot be written down.
 * Of commands joined by pipes only the first runs there. */
const char *remedy_command_in(struct diagnosis *diagnosis, uint32_t netns,
			      const char *command);

/* The same for a command of portroom, which enters the namespace itself. */
const char *remedy_portroom_in(struct diagnosis *diagnosis, uint32_t netns,
			       const char *command);

/* The same for "setting=value", which must need no more quotes than it has. */
const char *remedy_sysctl(struct diagnosis *diagnosis, uint32_t netns, const char *setting);
