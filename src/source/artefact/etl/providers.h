#pragma once

#include <stdint.h>

/*
 * Who writes events: those that are read here, and some more by name.
 */
enum provider {
	PROVIDER_OTHER,
	PROVIDER_AFD,
	PROVIDER_TCPIP,
	PROVIDER_NETWORK,
	PROVIDER_PROCESS,
	PROVIDER_LOST, /* the system itself, where a live session lost events: RT_LostEvent */
};

enum { GUID_SIZE = 16, GUID_TEXT_SIZE = 37 };

enum provider provider_of(const uint8_t guid[GUID_SIZE]);

/* NULL of PROVIDER_OTHER. */
const uint8_t *provider_guid(enum provider provider);

/* Its name, or the GUID as text, in the buffer. */
const char *provider_name(char buffer[GUID_TEXT_SIZE], const uint8_t guid[GUID_SIZE]);
