#pragma once

#include "base/index.h"
#include "source/artefact/dossier.h"

/*
 * What lsof tells of sockets, in its columns and in its fields (-F). It goes from process to process, so that one socket
 * that several have open comes several times, and those without a process never: TIME_WAIT, what is not yet accepted.
 */
struct lsof_seen {
	struct index index;
	uint32_t *inodes;
	size_t count, capacity;
	uint64_t
		nameless; /* sockets of which lsof does not know more: not in /proc/net, so closed, or bound only */
};

struct text_context;

/* A table, which ends by lsof_finish(). */
struct dossier_table *lsof_begin(struct dossier *dossier, const struct text_context *context,
				 const struct line *line, struct lsof_seen *seen);
void lsof_finish(struct dossier *dossier, struct dossier_table *table, void *seen);

/* "10.0.0.5:40000->10.0.0.9:443" of a row; `six`: its type is IPv6. False: names stand for numbers. */
bool lsof_endpoints(struct span name, bool six, struct dossier_socket *socket);

/* Completes a socket whose endpoints, protocol, pid and inode are known, and adds it. `state`: empty, none is told. */
void lsof_add(struct dossier *dossier, struct lsof_seen *seen, struct dossier_socket *socket,
	      struct span state);

void lsof_free(struct lsof_seen *seen);
