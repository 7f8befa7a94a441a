#pragma once

#include "snapshot/socket.h"

#include <stdint.h>

/*
 * What Linux itself means by its numbers, wherever they were read: from the kernel, from a copy of /proc, from
 * somebody's listing.
 */

/* Our state for the kernel's number of a TCP state (Linux include/net/tcp_states.h). */
enum socket_state kernel_tcp_state(unsigned kernel);

/* How old an entry in TIME_WAIT must be to be reused: see time_wait_age(). */
struct time_wait_rule {
	int delay_ms; /* tcp_tw_reuse_delay; -1 on kernels without it */
};

enum time_wait_age time_wait_age(const struct time_wait_rule *rule, uint32_t expires_ms);

/* The same where the time left is told less precisely: it is that much more at most. */
enum time_wait_age time_wait_age_within(const struct time_wait_rule *rule, uint32_t expires_ms,
					uint32_t slack_ms);
