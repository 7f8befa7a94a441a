#pragma once

#include "source/artefact/etl/call.h"

#include <stddef.h>

/*
 * Microsoft-Windows-TCPIP: where TCP/IP itself finds no port. Layouts are those of its manifests of Windows 7 and 11.
 */
enum tcpip_result { TCPIP_CALL, TCPIP_OTHER, TCPIP_UNKNOWN };

/* The events that are read here, and so many. */
const uint16_t *tcpip_events(size_t *count);

enum tcpip_result tcpip_read(const struct etw_event *event, struct etw_call *call);
