#pragma once

struct dossier;
struct dossier_table;

/*
 * How the machine was at each listing among several: snapshot->evidence.points. A point has the ports and the processes that
 * held most of them, not the rows, so that a file of a month fits into memory.
 */
void series_add(struct dossier *dossier, const struct dossier_table *table);

/* All were added: sorts them by time, and keeps those that can be compared; one alone is no series. */
void series_finish(struct dossier *dossier);
