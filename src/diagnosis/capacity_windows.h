#pragma once

#include "diagnosis/capacity.h"

struct holding_key;
struct port_map;
struct windows_ports;

/*
 * The capacity model by the rules of Windows. For each of TCP and UDP over IPv4 and IPv6 there is a range; excluded ports
 * are taken out of it (learn.microsoft.com, "The default dynamic port range for TCP/IP has changed"). A port is held per
 * protocol and family: bind() to port 0 and UDP get one that nobody there has.
 *
 * connect() without bind() is not so certain. Since Windows 10 and Server 2016 it chooses when it connects, and may then
 * take a port that has a connection elsewhere ("auto-reuse", learn.microsoft.com, Set-NetTCPSetting). Whether it does is
 * not visible, so that its room is an interval: at least the ports that nobody has, at most all but those that are bound or
 * listened on, and those connected to that very destination. TIME_WAIT is never taken over.
 *
 * Reads the snapshot only: it is the same for evidence and for a live machine.
 */

/* Fills map->windows. */
void capacity_windows_map(struct port_map *map);

struct capacity capacity_windows(struct port_map *map, const struct capacity_query *query,
				 const uint32_t *holdings, size_t count);

/* enum port_flag of each port of that protocol and family. */
const uint8_t *capacity_windows_flags(const struct port_map *map,
				      const struct holding_key *key);

/* What is known of all ports of one protocol and family, whoever asks. */
struct windows_use {
	unsigned eligible, excluded;
	unsigned used;	 /* eligible ports that somebody has, in whatever state */
	unsigned fixed;	 /* of these, bound or listened on: of no use to any connect() */
	unsigned shared; /* of these, with connections to several destinations */
};

struct windows_use capacity_windows_use(const struct port_map *map, enum protocol protocol,
					uint8_t family);

/*
 * Ports that may be held and are not in the listing: bound ones, where they are not shown. UINT32_MAX: any number. Where
 * they were at least counted, so many.
 */
uint32_t capacity_windows_unseen(const struct snapshot *snapshot);

/* Whether connections use ports beside a range that is only assumed: then it is another. */
bool capacity_windows_assumed_wrongly(const struct snapshot *snapshot, enum protocol protocol,
				      uint8_t family);
