#pragma once

struct counter_column;
struct settings_table;
struct snapshot;

#include <stdint.h>

/*
 * Reads the settings and counters of the namespace this thread is in (or, for a copied /proc, the
 * one that was copied) into snapshot->namespaces[netns]. What cannot be read becomes a gap. Settings that
 * are in `known` (NULL: none) are taken from there.
 * Source of the names: Linux Documentation/networking/ip-sysctl.rst.
 */
void settings_read(struct snapshot *snapshot, uint32_t netns, int proc,
		   const struct settings_table *known);

/* How many TCP sockets the whole machine has, and entries in TIME_WAIT this namespace; -1: not readable. */
int64_t settings_tcp_entries(int proc);

/* How many TCP sockets the whole machine has, bound-only ones included; -1: not readable. */
int64_t settings_tcp_allocated(int proc);

/* The text of net/netstat, to be freed; NULL with errno set. And a counter in it; -1: it is not there, or there is no
 * text. */
char *settings_netstat(int proc);
int64_t settings_counter(const char *netstat, const struct counter_column *column);
