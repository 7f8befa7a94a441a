#pragma once

#include <stdbool.h>
#include <stddef.h>

struct dossier;
struct dossier_table;
struct series;
struct series_point;

/*
 * How the machine was at each listing among several: snapshot->evidence.points. A point has the ports and the processes that
 * held most of them, not the rows; and of very many listings every second, fourth, ... is kept, so that a file of a month
 * fits into memory.
 */
void series_add(struct dossier *dossier, const struct dossier_table *table);

/* A look of portroom watch, which was counted where it was made; its shares are copied. */
void series_add_look(struct dossier *dossier, const struct series_point *point);

/* All were added: sorts them by time, and keeps those that can be compared; one alone is no series. */
void series_finish(struct dossier *dossier);

/* Whether the last listing of the part that is being read was of this kind; and: from now on all of its listings that were
 * of one kind are of the other. */
bool series_has(struct dossier *dossier, const char *what);
void series_rename(struct dossier *dossier, const char *from, const char *to);

/* Those that are kept so far, and the latest in any case. */
size_t series_point_count(const struct dossier *dossier);
struct series_point *series_point_at(struct dossier *dossier, size_t at);

void series_free(struct series *series); /* NULL: nothing */
