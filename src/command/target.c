#include "command/target.h"

#include "base/language.h"
#include "base/text.h"
#include "snapshot/snapshot.h"

#include <stdio.h>
#include <string.h>

/* "[fe80::1%eth0]:80": the interface is taken out of the text. -1 if it does not fit. */
static int take_interface(struct target *target, const char *text, char *rest, size_t size)
{
	const char *percent = strchr(text, '%');
	size_t length = percent ? strcspn(percent, "]") : 0;

	if (strlen(text) >= size || length >= sizeof target->interface)
		return -1;
	if (!percent) {
		snprintf(rest, size, "%s", text);
		return 0;
	}
	snprintf(target->interface, sizeof target->interface, "%.*s", (int)length - 1,
		 percent + 1);
	snprintf(rest, size, "%.*s%s", (int)(percent - text), text, percent + length);
	return 0;
}

/* "10.0.9.1:99999" */
static bool has_high_port(const char *text)
{
	const char *colon = strrchr(text, ':');
	uint64_t port;

	return colon && (text[0] == '[' ? colon[-1] == ']' : strchr(text, ':') == colon) &&
	       text_to_number(colon + 1, UINT64_MAX, &port) && port > 65535;
}

/* connect() on Linux takes a wildcard for this host: net/ipv4/route.c, ip_route_output_key_hash_rcu(), the source address
 * if there is one, else loopback; net/ipv6/tcp_ipv6.c and datagram.c, loopback. */
static void settle_wildcard(struct target *target)
{
	struct address *address = &target->address;
	bool six = address->family == FAMILY_IPV6;

	target->wildcard = address_is_any(address);
	if (!target->wildcard)
		return;
	address->bytes[0] = six ? 0 : 127;
	address->bytes[six ? 15 : 3] = 1;
}

void target_take_source(struct target *target, const struct address *source)
{
	if (target->wildcard && source->family == FAMILY_IPV4 &&
	    target->address.family == FAMILY_IPV4)
		target->address = *source;
}

/* learn.microsoft.com, connect function (winsock2.h): WSAEADDRNOTAVAIL. */
int target_refuse_wildcard(const struct target *target, struct error *error)
{
	if (!target->wildcard)
		return 0;
	return error_set(
		error,
		_("%s: Windows connects to no wildcard address (WSAEADDRNOTAVAIL, 10049); "
		  "name an address of that host, such as %s"),
		target->address.family == FAMILY_IPV6 ? "::" : "0.0.0.0",
		target->address.family == FAMILY_IPV6 ? "[::1]" : "127.0.0.1");
}

int target_refuse(const struct target *target, const struct snapshot *snapshot,
		  struct error *error)
{
	return snapshot->windows ? target_refuse_wildcard(target, error) : 0;
}

int target_parse(struct target *target, const char *text, bool with_interface,
		 struct error *error)
{
	char rest[ADDRESS_TEXT_SIZE + 64];

	*target = (struct target){ .six = text[0] == '[' };
	if (has_high_port(text))
		return error_set(error, _("'%s': port above 65535"), text);
	if (take_interface(target, text, rest, sizeof rest) ||
	    !address_parse_endpoint(rest, &target->address, &target->port) || !target->port)
		return error_set(error,
				 _("'%s' is not a destination; write it as 10.0.9.1:5432 or "
				   "[2001:db8::1]:5432"),
				 text);
	if (address_is_link_local(&target->address) && !with_interface && !*target->interface)
		return error_set(error,
				 _("'%s' is a link-local address: name the interface, as in "
				   "[fe80::1%%eth0]:5432"),
				 text);
	settle_wildcard(target);
	return 0;
}

enum { LONGEST_NAME = 253 }; /* RFC 1035, 2.3.4 */

size_t target_name(const char *text, uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	uint64_t number;

	if (!colon || colon == text || strchr(text, ':') != colon || text[0] == '[' ||
	    colon - text > LONGEST_NAME || !text_to_number(colon + 1, UINT16_MAX, &number) ||
	    !number)
		return 0;
	*port = (uint16_t)number;
	return (size_t)(colon - text);
}
