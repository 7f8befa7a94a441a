#include "source/linux/nat/nat_text.h"

#include "snapshot/nat.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char text[400];

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
	const size_t length = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + length, sizeof text - length, format, arguments);
	va_end(arguments);
}

static void add_match(const char *word, const struct nat_match *match)
{
	char address[ADDRESS_TEXT_SIZE];

	if (match->address.family)
		add(", %s %s%s/%u", word, match->except ? "not " : "",
		    address_print(address, &match->address), match->bits);
}

const char *nat_text(const struct nat_rule *rule)
{
	char first[ADDRESS_TEXT_SIZE], last[ADDRESS_TEXT_SIZE];

	text[0] = '\0';
	if (rule->chain)
		add("%s: ", rule->chain);
	add("%s%s",
	    rule->family == FAMILY_IPV4 ? "ipv4 " :
	    rule->family == FAMILY_IPV6 ? "ipv6 " :
					  "",
	    rule->tcp ? rule->udp ? "any" : "tcp" : "udp");
	add_match("from", &rule->source);
	add_match("towards", &rule->destination);
	if (rule->port)
		add(", port %u", rule->port);
	if (rule->first.family)
		add(", as %s-%s", address_print(first, &rule->first),
		    address_print(last, &rule->last));
	if (rule->ports_unread)
		add(", some ports");
	else if (port_range_known(rule->ports))
		add(", from %u-%u", rule->ports.first, rule->ports.last);
	return text;
}
