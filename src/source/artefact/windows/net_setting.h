#pragma once

#include "snapshot/port_range.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The ranges in instances of MSFT_NetTCPSetting and MSFT_NetUDPSetting: of the former there is one for each template
 * (Internet, Datacenter, Compat, ...), and each tells the range of the whole machine; Automatic tells none
 * (learn.microsoft.com, "MSFT_NetTCPSetting class"). Neither says whether it is of IPv4 or of IPv6.
 */

/* One instance; -1: the property has no value. */
struct net_setting {
	int64_t first, count;		  /* DynamicPortRangeStartPort, ...NumberOfPorts */
	int64_t reuse_first, reuse_count; /* AutoReusePortRange... */
};

/* What all of them tell. */
struct net_settings {
	unsigned instances;
	struct port_range dynamic; /* of the first that has one; first 0: none has */
	bool dynamic_differs;	   /* another one has another */
	struct port_range reuse;   /* first 0: it is off, or none tells */
	bool reuse_known, reuse_differs;
};

void net_settings_take(struct net_settings *settings, const struct net_setting *setting);

/* Whether a range can begin there and have so many ports. */
bool net_setting_range(int64_t first, int64_t count, struct port_range *range);
