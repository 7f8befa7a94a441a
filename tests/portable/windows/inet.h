#pragma once

#include <ctype.h>
#include <stdbool.h>
#include <ws2tcpip.h>

/* A number of an IPv4 address, inside of an IPv6 address, that begins with a zero: "::01.2.3.4". */
static inline bool inet_has_leading_zero(const char *text)
{
	for (const char *at = text; *at; at++) {
		bool begins = at == text || at[-1] == ':' || at[-1] == '.';
		size_t length = strspn(at, "0123456789");

		if (begins && *at == '0' && length > 1 && (at[length] == '.' || at[-1] == '.'))
			return true;
	}
	return false;
}

/* inet_pton(), but such a number is refused as by other systems: Windows reads it. */
static inline int inet_read(int family, const char *text, void *bytes)
{
	if (family == AF_INET6 && inet_has_leading_zero(text))
		return 0;
	return inet_pton(family, text, bytes);
}
