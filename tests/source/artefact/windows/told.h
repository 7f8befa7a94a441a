#pragma once

#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

#include "suite.h"

/* Bytes as one file of another machine, read and not joined yet. */
struct told {
	struct snapshot snapshot;
	struct dossier dossier;
};

void told_begin(struct told *told);
void told_file(struct told *told, const void *bytes, size_t size); /* one more */
void told_end(struct told *told);

/* Begins, and reads one file of that text. */
void told_of(struct told *told, const char *text);

/* What became of the part of that kind; NULL: there is none. */
const struct artefact *told_part(const struct told *told, const char *kind);

/* NULL: it is not there. */
const struct process *told_process(const struct told *told, int32_t pid);

/* Rows of the only table, or of a certain state. */
const struct dossier_table *told_table(const struct told *told);
size_t told_rows(const struct told *told, enum socket_state state);

/* How many sockets were counted and not listed. */
uint64_t told_counted(const struct told *told, int32_t pid, enum socket_state state);
