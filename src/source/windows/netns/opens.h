#pragma once

#include <stdint.h>

/* Connections that programs of this machine have opened since it started, over IPv4 and IPv6; -1: it is not told. */
int64_t opens_read(void);
