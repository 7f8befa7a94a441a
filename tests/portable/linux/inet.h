#pragma once

#include <arpa/inet.h>

/* inet_pton(3), and the text back. */
static inline int inet_read(int family, const char *text, void *bytes)
{
	return inet_pton(family, text, bytes);
}
