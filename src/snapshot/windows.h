#pragma once

#include "snapshot/address.h"
#include "snapshot/port_range.h"
#include "snapshot/port_set.h"
#include "snapshot/socket.h"

#include <stdbool.h>

/*
 * What Windows has instead of Linux's settings. Of dynamic ports there are four ranges, one for each
 * protocol and family ("netsh int ipv4 show dynamicport tcp"); excluded ports are taken out of them
 * (learn.microsoft.com, "The default dynamic port range for TCP/IP has changed").
 */
struct windows_range {
	struct port_range range; /* 0: not known */
	bool assumed; /* nobody has told: the default since Windows Vista, 49152 to 65535 */
	bool family_unsaid; /* told by an output that does not say whose range it is, IPv4's or IPv6's */
	const char *why_untold; /* netsh's reason; NULL: it told it, or was not asked */
	bool excluded_known;
	bool excluded_family_unsaid;
	struct port_set excluded;	 /* administered ones and those taken at run time */
	struct port_set reserved_at_run; /* of these, without the star: Hyper-V, WinNAT, HNS */
};

struct windows {
	struct windows_range ranges[PROTOCOL_COUNT][2]; /* IPv4, IPv6: windows_range_of() */
	struct port_range
		auto_reuse; /* AutoReusePortRange of Get-NetTCPSetting; 0: off, or not known */
	bool auto_reuse_known;
	int timed_wait_delay_s; /* TcpTimedWaitDelay in the registry; -1: not known */
	int max_user_port; /* MaxUserPort in the registry, which counts before Windows Vista only; -1: not known */
	int build; /* of the system, 19041; -1: not known */

	/* What the listing of its sockets could show. */
	bool bound_listed;   /* ports that are bound and have no connection */
	bool owners_listed;  /* pids */
	bool listing_cut;    /* it is an excerpt, or rows of it were not understood */
	const char *listing; /* what it is, "netstat -ano"; NULL: there is none */
};

/* One of which nothing is known. */
struct windows windows_unread(void);

/* `family` as in struct address. */
struct windows_range *windows_range_of(struct windows *windows, enum protocol protocol,
				       uint8_t family);
const struct windows_range *windows_range_at(const struct windows *windows,
					     enum protocol protocol, uint8_t family);

void windows_free(struct windows *windows); /* its sets; NULL: nothing */

/* Takes over what hardly ever changes: the ranges with what is excluded, and the rest of the settings. */
void windows_copy_settings(struct windows *to, const struct windows *from);
