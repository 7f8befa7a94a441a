#pragma once

#include "knowledge/topic.h"

/*
 * Counters of the kernel that move when something is refused, dropped or thrown away which programs feel much like a
 * lack of ports. That a connect() finds no port moves none.
 */
struct counter {
	const char *
		name; /* as nstat(8) and conntrack(8) have it, for people and programs; NULL ends */
	const char *
		group; /* "TcpExt" of /proc/net/netstat, or "nf_conntrack" of /proc/net/stat */
	const char *key; /* of its column there */
	enum exhaustion exhaustion;
	const char *tell;    /* English; shown through _() */
	const char *command; /* of portroom; NULL: none */
};

extern const struct counter counters[];
