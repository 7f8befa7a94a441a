#pragma once

#include "base/arena.h"
#include "snapshot/windows.h"

struct netsh;

/*
 * The four rows as netsh tells them: the one route that tells IPv4 and IPv6 apart.
 */
struct netsh_rows {
	/* IPv4, IPv6; what was not told is not known, and says why. */
	struct windows_range rows[PROTOCOL_COUNT][2];
	unsigned told, asked; /* outputs */
	double milliseconds;
	const char *why_not; /* of the first that was not told; NULL: all were */
};

/* Of what is set now, with or without the excluded ports; or of what will be at the next start of Windows
 * (learn.microsoft.com, "netsh interface": show dynamicportrange [store=]active|persistent). */
enum netsh_what { NETSH_RANGES, NETSH_RANGES_AND_EXCLUDED, NETSH_NEXT_RANGES };

/* netsh_rows_free() in any case. */
void netsh_rows_read(struct netsh_rows *rows, const struct netsh *netsh, enum netsh_what what,
		     struct arena *arena);
void netsh_rows_free(struct netsh_rows *rows);

/* The arguments that netsh takes for a row: "ipv4", "ipv6"; by the index of struct windows. */
extern const char *const netsh_family_words[2];
