#pragma once

#include <stdint.h>

struct diagnosis;

/* "16,384 ports last for 136 connections/s to one destination (TcpTimedWaitDelay 120 s) ..."; by the registry's value, or by
 * both that are documented. */
const char *windows_wait_rate(struct diagnosis *diagnosis, unsigned ports);

/* How long a port rests: by the registry, else the longer of the two. */
unsigned windows_wait_ms(const struct diagnosis *diagnosis);

/* The size of the range of TCP over IPv4, whether or not anybody is known to use it. */
unsigned windows_wait_ports(const struct diagnosis *diagnosis);
