#include "snapshot/address.h"

#include <stdio.h>
#include <string.h>

/*
 * inet_pton() and inet_ntop() would need the system's socket library on each system; the snapshot
 * has to be the same everywhere, evidence from another machine included.
 */

struct address address_ipv4(const void *bytes)
{
	struct address address = { .family = FAMILY_IPV4 };

	memcpy(address.bytes, bytes, 4);
	return address;
}

struct address address_ipv6(const void *bytes)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct address address = { .family = FAMILY_IPV6 };

	if (!memcmp(bytes, mapped, sizeof mapped))
		return address_ipv4((const uint8_t *)bytes + sizeof mapped);
	memcpy(address.bytes, bytes, 16);
	return address;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return !memcmp(a, b, sizeof *a);
}

bool address_is_any(const struct address *address)
{
	static const uint8_t zero[16];

	return !memcmp(address->bytes, zero, sizeof zero);
}

bool address_is_loopback(const struct address *address)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (address->family == FAMILY_IPV4)
		return address->bytes[0] == 127;
	return address->family == FAMILY_IPV6 && !memcmp(address->bytes, one, sizeof one);
}

bool address_is_link_local(const struct address *address)
{
	return address->family == FAMILY_IPV6 && address->bytes[0] == 0xfe &&
	       (address->bytes[1] & 0xc0) == 0x80;
}

int address_mask_bits(const void *mask, size_t size)
{
	const uint8_t *bytes = mask;
	size_t bits = 0;

	while (bits < 8 * size && bytes[bits / 8] & (0x80 >> bits % 8))
		bits++;
	for (size_t i = bits; i < 8 * size; i++)
		if (bytes[i / 8] & (0x80 >> i % 8))
			return -1;
	return (int)bits;
}

/* Reads up to `length` bytes of dotted decimal; leading zeros are refused as inet_pton() does,
 * because some programs read them as octal. */
static bool parse_ipv4(const char *text, size_t length, uint8_t bytes[4])
{
	const char *end = text + length;

	for (int i = 0; i < 4; i++) {
		unsigned value = 0;
		int digits = 0;

		while (text < end && *text >= '0' && *text <= '9') {
			if (digits && !value)
				return false;
			value = value * 10 + (unsigned)(*text++ - '0');
			if (value > 255 || ++digits > 3)
				return false;
		}
		if (!digits)
			return false;
		bytes[i] = (uint8_t)value;
		if (i < 3 && (text == end || *text++ != '.'))
			return false;
	}
	return text == end;
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 :
				      -1;
}

/* Groups are collected from the left; what stands right of "::" is moved to the end at last. */
static bool parse_ipv6(const char *text, size_t length, uint8_t bytes[16])
{
	const char *end = text + length;
	int filled = 0, gap = -1;

	memset(bytes, 0, 16);
	if (length >= 2 && text[0] == ':' && text[1] == ':') {
		gap = 0;
		text += 2;
	}
	while (text < end) {
		const char *group = text;
		unsigned value = 0;
		int digits = 0;

		while (text < end && digits < 5 && hex_value(*text) >= 0) {
			value = value * 16 + (unsigned)hex_value(*text++);
			digits++;
		}
		if (text < end && *text == '.') {
			if (filled > 12 ||
			    !parse_ipv4(group, (size_t)(end - group), bytes + filled))
				return false;
			filled += 4;
			text = end;
			break;
		}
		if (!digits || digits > 4 || filled > 14)
			return false;
		bytes[filled++] = (uint8_t)(value >> 8);
		bytes[filled++] = (uint8_t)value;
		if (text == end)
			break;
		if (*text++ != ':' || text == end)
			return false;
		if (*text == ':') {
			if (gap >= 0)
				return false;
			gap = filled;
			text++;
		}
	}
	if (gap < 0)
		return filled == 16;
	if (filled == 16)
		return false;
	memmove(bytes + 16 - (filled - gap), bytes + gap, (size_t)(filled - gap));
	memset(bytes + gap, 0, (size_t)(16 - filled));
	return true;
}

static bool parse_length(const char *text, size_t length, struct address *address)
{
	uint8_t bytes[16];

	if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
		if (!parse_ipv6(text + 1, length - 2, bytes))
			return false;
		*address = address_ipv6(bytes);
		return true;
	}
	if (parse_ipv4(text, length, bytes))
		*address = address_ipv4(bytes);
	else if (parse_ipv6(text, length, bytes))
		*address = address_ipv6(bytes);
	else
		return false;
	return true;
}

bool address_parse(const char *text, struct address *address)
{
	return parse_length(text, strlen(text), address);
}

bool address_parse_endpoint(const char *text, struct address *address, uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	unsigned value = 0;
	int digits = 0;

	if (!colon || !parse_length(text, (size_t)(colon - text), address))
		return false;
	/* "::1:443" is an address of its own, not ::1 and a port. */
	if (text[0] != '[' && memchr(text, ':', (size_t)(colon - text)))
		return false;
	for (const char *digit = colon + 1; *digit; digit++) {
		if (*digit < '0' || *digit > '9' || ++digits > 5)
			return false;
		value = value * 10 + (unsigned)(*digit - '0');
	}
	if (!digits || value > 65535)
		return false;
	*port = (uint16_t)value;
	return true;
}

/* RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as "::". */
static char *print_ipv6(char *to, const uint8_t *bytes)
{
	int run_start = -1, run_length = 1;

	for (int i = 0; i < 8; i++) {
		int length = 0;

		while (i + length < 8 && !bytes[2 * (i + length)] &&
		       !bytes[2 * (i + length) + 1])
			length++;
		if (length > run_length) {
			run_start = i;
			run_length = length;
		}
	}
	for (int i = 0; i < 8; i++) {
		if (i == run_start) {
			to += sprintf(to, "%s", i ? ":" : "::");
			i += run_length - 1;
			continue;
		}
		to += sprintf(to, "%x%s", bytes[2 * i] << 8 | bytes[2 * i + 1],
			      i < 7 ? ":" : "");
	}
	return to;
}

char *address_print(char buffer[ADDRESS_TEXT_SIZE], const struct address *address)
{
	const uint8_t *b = address->bytes;

	if (address->family == FAMILY_IPV4)
		sprintf(buffer, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	else if (address->family == FAMILY_IPV6)
		print_ipv6(buffer, b);
	else
		strcpy(buffer, "*");
	return buffer;
}

char *address_print_endpoint(char buffer[ADDRESS_TEXT_SIZE], const struct address *address,
			     uint16_t port)
{
	char text[ADDRESS_TEXT_SIZE];
	bool brackets = address->family == FAMILY_IPV6;

	address_print(text, address);
	snprintf(buffer, ADDRESS_TEXT_SIZE, "%s%.48s%s:%u", brackets ? "[" : "", text,
		 brackets ? "]" : "", port);
	return buffer;
}
