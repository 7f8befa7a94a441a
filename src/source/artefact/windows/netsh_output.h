#pragma once

#include "snapshot/socket.h"

#include <stddef.h>
#include <stdint.h>

struct error;
struct port_range;
struct windows_range;

/*
 * What one call of netsh printed, where the call is known, as it is on the machine itself. The forms that read a console's
 * output out of a file read it (dynamicport.c, excludedportrange.c): they need no word of any language.
 */

/* "netsh int ipv4 show dynamicport tcp", of the family and the protocol. -1 with a sentence: it is something else. */
int netsh_output_range(const void *bytes, size_t size, enum protocol protocol, uint8_t family,
		       struct port_range *range, struct error *error);

/* "netsh int ipv4 show excludedportrange protocol=tcp": fills the range's excluded ports. The same. */
int netsh_output_excluded(const void *bytes, size_t size, enum protocol protocol,
			  uint8_t family, struct windows_range *range, struct error *error);
