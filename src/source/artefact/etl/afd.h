#pragma once

#include "source/artefact/etl/call.h"

#include <stddef.h>

/*
 * Microsoft-Windows-Winsock-AFD: what programs ask of Winsock. Layouts are those of its manifest, which is the same from
 * Windows 7 to 11, and those of Vista (learn.microsoft.com, Winsock Network Event Tracing Details).
 */
enum afd_result {
	AFD_CALL,    /* `call` is filled */
	AFD_OTHER,   /* none of the calls that are looked for */
	AFD_UNKNOWN, /* it is one, of a version or size that is not known */
};

enum afd_result afd_read(const struct etw_event *event, struct etw_call *call);

/* Whose thread logged the event: of the beginning of a request that is the caller's. false: it may be any. */
bool afd_learn(const struct etw_event *event, uint64_t *process, uint32_t *pid);

/* The events of Windows 7 and later that are read here, and so many: what a trace needs no more than. */
const uint16_t *afd_events(size_t *count);

/* Whether the socket ends with it. */
bool afd_closes(const struct etw_event *event);

/* Of which socket any event of it tells; 0: of none. */
uint64_t afd_endpoint(const struct etw_event *event);
