#pragma once

#include "snapshot/socket.h"
#include "source/artefact/text/line.h"

#include <stdbool.h>

/*
 * A socket as a line of /proc/net/{tcp,udp}[6] tells it (Linux net/ipv4/tcp_ipv4.c, tcp4_seq_show()). The addresses stand there in
 * the byte order of that machine, which is taken to be little-endian as nearly all are, unless it is this one.
 * The age of an entry in TIME_WAIT is left to the caller. false: it is no such line.
 */
bool proc_net_line(const struct line *line, enum protocol protocol, bool little_endian,
		   struct socket_record *record);

/* What this machine's own are in. */
bool proc_net_is_little_endian(void);
