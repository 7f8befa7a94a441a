#pragma once

#include "snapshot/port_range.h"
#include "snapshot/socket.h"

#include <stdbool.h>
#include <stdint.h>

struct holding;
struct port_set;
struct snapshot;

/*
 * What the system may choose from for one protocol and family. On Linux one setting of the namespace rules all of them; on
 * Windows there are four, and what is taken out of them is called excluded there.
 */
struct dynamic_ports {
	struct port_range range;	 /* first 0: not known */
	const struct port_set *reserved; /* never NULL; may lie outside of the range */
	bool reserved_known;
	bool assumed; /* nobody has told the range: the system's default */
};

/* `family` as in struct address; FAMILY_NONE is IPv4. */
struct dynamic_ports dynamic_ports_of(const struct snapshot *snapshot, uint32_t netns,
				      enum protocol protocol, uint8_t family);

/* Those that the holding's ports are of, if they are dynamic at all. */
struct dynamic_ports dynamic_ports_of_holding(const struct snapshot *snapshot,
					      const struct holding *holding);
