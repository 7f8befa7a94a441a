#include "command/target.h"

#include "base/language.h"
#include "base/text.h"

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

/* connect() to a wildcard goes to loopback (Linux net/ipv4/tcp_ipv4.c, net/ipv6/tcp_ipv6.c). */
static void settle_wildcard(struct address *address)
{
	bool six = address->family == FAMILY_IPV6;

	if (!address_is_any(address))
		return;
	address->bytes[0] = six ? 0 : 127;
	address->bytes[six ? 15 : 3] = 1;
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
	settle_wildcard(&target->address);
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
