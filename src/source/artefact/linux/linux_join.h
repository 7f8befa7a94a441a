#pragma once

struct dossier;
struct dossier_table;
struct netns;

/* Puts together what Linux has in several files for one listing: /proc/net/tcp and tcp6, ss -a and ss -B. */
void linux_join_halves(struct dossier *dossier);

/*
 * Of a Linux machine, before its sockets are counted: how old entries in TIME_WAIT are, now that the settings are known, and
 * what the chosen listings leave open. NULL: there is none. `netns` becomes the snapshot's.
 */
void linux_join_rows(struct dossier *dossier, struct dossier_table *tcp,
		     struct dossier_table *udp, struct netns *netns);

/* What nobody told, as gaps; the namespace is there. */
void linux_join_gaps(struct dossier *dossier, const struct dossier_table *tcp,
		     const struct dossier_table *udp);
