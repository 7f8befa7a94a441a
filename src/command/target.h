#pragma once

#include "base/error.h"
#include "snapshot/address.h"

#include <stdbool.h>

/*
 * A destination as it is typed: 10.0.9.1:5432, [2001:db8::1]:5432, [fe80::1%eth0]:5432.
 */
struct target {
	struct address address;
	uint16_t port;
	bool six; /* it was written as IPv6: a socket of that family, if the address is mapped */
	bool wildcard; /* it was written as 0.0.0.0 or ::, and is what connect() on Linux makes of it */
	char interface[64]; /* behind the percent sign; "": none */
};

/* -1 with a sentence. Of a link-local address the interface is needed, unless `with_interface`. */
int target_parse(struct target *target, const char *text, bool with_interface,
		 struct error *error);

/* A wildcard from a source address of its own: target_parse() did not know of any. */
void target_take_source(struct target *target, const struct address *source);

/* -1 with a sentence where that machine does not connect to such a destination; and of a wildcard on Windows, whatever is known
 * of the machine else. */
struct snapshot;
int target_refuse_wildcard(const struct target *target, struct error *error);
int target_refuse(const struct target *target, const struct snapshot *snapshot,
		  struct error *error);

/* "db:5432": the length of the name, and the port behind it; 0 if it is no such thing. */
size_t target_name(const char *text, uint16_t *port);
