#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An IP address. An IPv4-mapped IPv6 address (::ffff:a.b.c.d) is stored as the IPv4 address it
 * stands for, because the kernel keeps both in one tuple space: a connection of an AF_INET6 socket
 * to ::ffff:10.0.0.1 takes a port from IPv4. Unused bytes are zero, so that memcmp() compares.
 */
enum family { FAMILY_NONE = 0, FAMILY_IPV4 = 4, FAMILY_IPV6 = 6 };

struct address {
	uint8_t family;	   /* enum family */
	uint8_t bytes[16]; /* network byte order; IPv4 uses the first four */
};

enum { ADDRESS_TEXT_SIZE = 64 };

/* From the bytes the system gives: four for IPv4, sixteen for IPv6 (mapped ones become IPv4). */
struct address address_ipv4(const void *bytes);
struct address address_ipv6(const void *bytes);

bool address_equal(const struct address *a, const struct address *b);
bool address_is_any(const struct address *address);	   /* 0.0.0.0 or :: */
bool address_is_loopback(const struct address *address);   /* 127.0.0.0/8 or ::1 */
bool address_is_link_local(const struct address *address); /* fe80::/10 */

/* How many leading bits are set in a netmask; -1 if others are, too. */
int address_mask_bits(const void *mask, size_t size);

/*
 * Reads "10.0.0.5", "::1" or "[::1]" (RFC 4291 section 2.2; no zone). False if `text` is anything
 * else. address_parse_endpoint() reads "10.0.0.5:443" and "[::1]:443".
 */
bool address_parse(const char *text, struct address *address);
bool address_parse_endpoint(const char *text, struct address *address, uint16_t *port);

/* RFC 5952 text; address_print_endpoint() adds the port as ss does: 10.0.0.5:443, [::1]:443. */
char *address_print(char buffer[ADDRESS_TEXT_SIZE], const struct address *address);
char *address_print_endpoint(char buffer[ADDRESS_TEXT_SIZE], const struct address *address,
			     uint16_t port);
