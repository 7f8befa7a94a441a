#include "knowledge/endpoint.h"

#include "base/text.h"

#include <stddef.h>
#include <string.h>

static bool is_digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

static bool is_hex(char letter)
{
	return is_digit(letter) || (letter >= 'a' && letter <= 'f') ||
	       (letter >= 'A' && letter <= 'F');
}

/* What stands next to a number and makes it something else: a word, a version. */
static bool is_word(char letter)
{
	return is_digit(letter) || (letter >= 'a' && letter <= 'z') ||
	       (letter >= 'A' && letter <= 'Z') || letter == '_' || (letter & 0x80);
}

/* Length of "10.0.9.1"; 0: it is none. No leading zeros: some read them as octal. */
static size_t ipv4_length(const char *text)
{
	const char *at = text;

	for (unsigned part = 0; part < 4; part++) {
		size_t digits = strspn(at, "0123456789");
		unsigned value = 0;

		if (!digits || digits > 3 || (digits > 1 && *at == '0'))
			return 0;
		for (size_t i = 0; i < digits; i++)
			value = value * 10 + (unsigned)(at[i] - '0');
		at += digits;
		if (value > 255 || (part < 3 && *at++ != '.'))
			return 0;
	}
	return (size_t)(at - text);
}

/* Whether these characters are an IPv6 address (RFC 4291, 2.2), without a zone. */
static bool is_ipv6(const char *text, size_t length)
{
	const char *end = text + length;
	unsigned groups = 0;
	bool gap = false;

	if (length >= 2 && text[0] == ':' && text[1] != ':')
		return false;
	while (text < end) {
		size_t digits = 0;

		if (end - text >= 2 && text[0] == ':' && text[1] == ':') {
			if (gap)
				return false;
			gap = true;
			text += 2;
			continue;
		}
		text += groups && *text == ':' && !(gap && text[-1] == ':');
		if (text < end && ipv4_length(text) == (size_t)(end - text))
			return gap ? groups <= 5 : groups == 6;
		while (text + digits < end && is_hex(text[digits]))
			digits++;
		if (!digits || digits > 4 || (text + digits < end && text[digits] != ':'))
			return false;
		text += digits;
		groups++;
	}
	return gap ? groups <= 7 : groups == 8;
}

/* A port that ends where a number ends. */
static uint16_t take_port(const char *text, const char **end)
{
	size_t digits = strspn(text, "0123456789");
	unsigned port = 0;

	if (!digits || digits > 5 || *text == '0')
		return 0;
	for (size_t i = 0; i < digits; i++)
		port = port * 10 + (unsigned)(text[i] - '0');
	*end = text + digits;
	if (port > UINT16_MAX || is_word(**end) ||
	    (strchr(".-:", **end) && **end && is_word((*end)[1])))
		return 0;
	return (uint16_t)port;
}

/* Between an address and its port, as programs write it. */
static uint16_t port_behind(const char *text, const char **end)
{
	static const char *const separators[] = { " port ",   "\", port ", "\" port ",
						  "', port=", "', ",	   "\",",
						  " (port " };

	for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++) {
		size_t length = strlen(separators[i]);

		if (!strncmp(text, separators[i], length))
			return take_port(text + length, end);
	}
	return 0;
}

static bool take(struct endpoint *endpoint, const char *address, size_t length, uint16_t port)
{
	if (!port || length >= sizeof endpoint->address)
		return false;
	memcpy(endpoint->address, address, length);
	endpoint->address[length] = '\0';
	endpoint->port = port;
	return true;
}

/* At `text`, where an address may begin. */
static bool parse(const char *text, struct endpoint *endpoint, const char **end)
{
	bool bracket = *text == '[';
	const char *address = text + bracket;
	size_t length = 0, v4 = ipv4_length(address);

	if (!bracket && v4 && address[v4] == ':')
		return take(endpoint, address, v4, take_port(address + v4 + 1, end));
	if (!bracket && v4 && !strchr(":.", address[v4]))
		return take(endpoint, address, v4, port_behind(address + v4, end));
	while (is_hex(address[length]) || address[length] == ':' || address[length] == '.')
		length++;
	if (!is_ipv6(address, length))
		return false;
	if (bracket)
		return !strncmp(address + length, "]:", 2) &&
		       take(endpoint, address, length, take_port(address + length + 2, end));
	return take(endpoint, address, length, port_behind(address + length, end));
}

static bool is_behind(const char *text, const char *at, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(at - text) >= length && !strncmp(at - length, word, length);
}

/* An address does not begin within a word or another number; ':' as in "remote address:". */
static bool can_begin(const char *text, const char *at)
{
	if (*at != '[' && *at != ':' && !is_hex(*at))
		return false;
	if (at == text)
		return true;
	if (at[-1] == ':')
		return is_digit(*at) && at - text > 1 && is_word(at[-2]) && !is_hex(at[-2]);
	return !is_word(at[-1]) && at[-1] != '.' && at[-1] != '-' && at[-1] != '%';
}

bool endpoint_find(const char *text, struct endpoint *endpoint)
{
	const char *at = text, *end;

	while (*at) {
		if (!can_begin(text, at) || !parse(at, endpoint, &end)) {
			at++;
			continue;
		}
		if (strncmp(end, "->", 2) && !is_behind(text, at, "client ") &&
		    !is_behind(text, at, "client: "))
			return true;
		at = end;
	}
	*endpoint = (struct endpoint){ 0 };
	return false;
}

/* ":8080" and the like, behind a blank, a quote or a star. */
static uint16_t bare_port(const char *text)
{
	const char *end;

	for (const char *at = text; *at; at++) {
		size_t colons = strspn(at, ":");
		uint16_t port = 0;

		if (colons && colons <= 3 && (at == text || strchr(" \"'*(", at[-1])))
			port = take_port(at + colons, &end);
		else if (!strncmp(at, "port ", 5) || !strncmp(at, "port=", 5))
			port = take_port(at + 5, &end);
		else if (!strncmp(at, "port: ", 6))
			port = take_port(at + 6, &end);
		if (port)
			return port;
	}
	return 0;
}

uint16_t endpoint_find_port(const char *text)
{
	struct endpoint endpoint;

	return endpoint_find(text, &endpoint) ? endpoint.port : bare_port(text);
}
