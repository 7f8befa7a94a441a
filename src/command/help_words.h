#pragma once

#include "knowledge/topic.h"

/*
 * Lines of help that each system has in its own words. Arrays, since the tables of options are made of them; not
 * translated yet, as all that stands in such a table.
 */
extern const enum topic_reader help_reader; /* to whom explain speaks */

extern const char help_check[], help_explain[], help_handles[];
extern const char help_netns[], help_no_bpf[], help_root[];  /* of every command */
extern const char help_unit[], help_container[];	     /* of filters */
extern const char help_src[], help_dev[], help_port_range[]; /* of room */
extern const char help_reserve[], help_force[], help_tcp[], help_udp[], help_ipv4[],
	help_ipv6[];								/* of range */
extern const char help_tw_reuse[], help_tw_reuse_delay[], help_no_bind_first[]; /* of whatif */
