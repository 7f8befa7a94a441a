#include "source/artefact/etl/providers.h"

#include "source/artefact/etl/bytes.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A GUID's first three parts are numbers in the machine's order. */
static const struct {
	uint8_t guid[GUID_SIZE];
	enum provider provider;
	const char *name;
} providers[] = {
	{ { 0x23, 0x68, 0x3c, 0xe5, 0xb8, 0x7b, 0xbb, 0x44, 0x90, 0xdc, 0x3f, 0x86, 0x09, 0x0d,
	    0x48, 0xa6 },
	  PROVIDER_AFD,
	  "Microsoft-Windows-Winsock-AFD" },
	{ { 0xee, 0xe2, 0x07, 0x2f, 0xdb, 0x15, 0xf1, 0x40, 0x90, 0xef, 0x9d, 0x7b, 0xa2, 0x82,
	    0x18, 0x8a },
	  PROVIDER_TCPIP,
	  "Microsoft-Windows-TCPIP" },
	{ { 0x49, 0x2a, 0xd4, 0x7d, 0x29, 0x53, 0x32, 0x48, 0x8d, 0xfd, 0x43, 0xd9, 0x79, 0x15,
	    0x3a, 0x88 },
	  PROVIDER_NETWORK,
	  "Microsoft-Windows-Kernel-Network" },
	{ { 0xd6, 0x2c, 0xfb, 0x22, 0x7b, 0x0e, 0x2b, 0x42, 0xa0, 0xc7, 0x2f, 0xad, 0x1f, 0xd0,
	    0xe7, 0x16 },
	  PROVIDER_PROCESS,
	  "Microsoft-Windows-Kernel-Process" },
	/* learn.microsoft.com, "Lost_Event class" */
	{ { 0xe0, 0x9a, 0x39, 0x6a, 0xc6, 0x4b, 0xe9, 0x4d, 0x87, 0x0b, 0x36, 0x57, 0xf8, 0x94,
	    0x7e, 0x7e },
	  PROVIDER_LOST,
	  "RT_LostEvent" },
};

enum { PROVIDERS = sizeof providers / sizeof providers[0] };

static size_t find(const uint8_t guid[GUID_SIZE])
{
	size_t i = 0;

	while (i < PROVIDERS && memcmp(providers[i].guid, guid, GUID_SIZE) != 0)
		i++;
	return i;
}

enum provider provider_of(const uint8_t guid[GUID_SIZE])
{
	size_t at = find(guid);

	return at < PROVIDERS ? providers[at].provider : PROVIDER_OTHER;
}

const uint8_t *provider_guid(enum provider provider)
{
	for (size_t i = 0; i < PROVIDERS; i++)
		if (providers[i].provider == provider)
			return providers[i].guid;
	return NULL;
}

const char *provider_name(char buffer[GUID_TEXT_SIZE], const uint8_t guid[GUID_SIZE])
{
	size_t at = find(guid);

	if (at < PROVIDERS)
		return providers[at].name;
	snprintf(buffer, GUID_TEXT_SIZE, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 le32(guid), le16(guid + 4), le16(guid + 6), guid[8], guid[9], guid[10],
		 guid[11], guid[12], guid[13], guid[14], guid[15]);
	return buffer;
}
