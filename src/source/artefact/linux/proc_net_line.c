#include "source/artefact/linux/proc_net_line.h"

#include "source/artefact/linux/kernel.h"

#include <string.h>

/* Times in these files are in hundredths of a second (USER_HZ) on every Linux. */
enum {
	TICK_MS = 10,
	TIMER_TIME_WAIT = 3,
	KERNEL_TIME_WAIT = 6,
	KERNEL_CLOSE = 7,
	KERNEL_STATES = 12,
	LONGEST_MS = 1 << 30,
};

enum field {
	FIELD_NUMBER,
	FIELD_LOCAL,
	FIELD_REMOTE,
	FIELD_STATE,
	FIELD_QUEUES,
	FIELD_TIMER,
	FIELD_RETRIES,
	FIELD_USER,
	FIELD_PROBES,
	FIELD_INODE,
	FIELD_REST,
	FIELD_COUNT
};

bool proc_net_is_little_endian(void)
{
	const uint16_t one = 1;

	return *(const uint8_t *)&one == 1;
}

static bool read_hexadecimal(struct span span, uint64_t *number)
{
	if (!span.length || span.length > 16)
		return false;
	*number = 0;
	for (size_t i = 0; i < span.length; i++) {
		char c = span.text[i];
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') :
				 c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) :
				 c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) :
							16;

		if (digit == 16)
			return false;
		*number = *number << 4 | digit;
	}
	return true;
}

/* "0100007F:0CEA": both numbers between and behind the colon. */
static bool split(struct span span, struct span *before, struct span *behind)
{
	const char *colon = span.length ? memchr(span.text, ':', span.length) : NULL;

	if (!colon)
		return false;
	*before = (struct span){ span.text, (size_t)(colon - span.text) };
	*behind = (struct span){ colon + 1, span.length - before->length - 1 };
	return true;
}

/* Each 32-bit word of an address is printed as a number, hence in the host's byte order. */
static bool read_address(struct span text, bool little_endian, struct address *address)
{
	uint8_t bytes[16];
	size_t words = text.length / 8;

	if (text.length != 8 && text.length != 32)
		return false;
	for (size_t i = 0; i < words; i++) {
		uint64_t word;

		if (!read_hexadecimal((struct span){ text.text + 8 * i, 8 }, &word))
			return false;
		for (size_t j = 0; j < 4; j++)
			bytes[4 * i + j] = (uint8_t)(word >> 8 * (little_endian ? j : 3 - j));
	}
	*address = words == 1 ? address_ipv4(bytes) : address_ipv6(bytes);
	return true;
}

static bool read_endpoint(struct span span, bool little_endian, struct address *address,
			  uint16_t *port)
{
	struct span host, service;
	uint64_t number;

	if (!split(span, &host, &service) || !read_address(host, little_endian, address) ||
	    service.length > 4 || !read_hexadecimal(service, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

static void read_timer(struct span span, unsigned state, struct socket_record *record)
{
	struct span kind, left;
	uint64_t timer, ticks;

	if (state == KERNEL_TIME_WAIT && split(span, &kind, &left) &&
	    read_hexadecimal(kind, &timer) && timer == TIMER_TIME_WAIT &&
	    read_hexadecimal(left, &ticks) && ticks < LONGEST_MS / TICK_MS)
		record->expires_ms = (uint32_t)(ticks * TICK_MS);
}

static bool read_state(struct span span, enum protocol protocol, struct socket_record *record,
		       unsigned *kernel)
{
	uint64_t state;

	if (!read_hexadecimal(span, &state) || !state || state > KERNEL_STATES)
		return false;
	*kernel = (unsigned)state;
	record->state = protocol == PROTOCOL_TCP ? kernel_tcp_state(*kernel) :
			*kernel == KERNEL_CLOSE	 ? SOCKET_UNCONNECTED :
						   SOCKET_ESTABLISHED;
	return true;
}

bool proc_net_line(const struct line *line, enum protocol protocol, bool little_endian,
		   struct socket_record *record)
{
	struct span fields[FIELD_COUNT];
	size_t count = line_fields(line, fields, FIELD_COUNT);
	uint64_t user, inode;
	unsigned state;

	*record = (struct socket_record){ .protocol = protocol };
	if (count < FIELD_REST || fields[FIELD_NUMBER].length < 2 ||
	    fields[FIELD_NUMBER].text[fields[FIELD_NUMBER].length - 1] != ':' ||
	    !read_endpoint(fields[FIELD_LOCAL], little_endian, &record->local,
			   &record->local_port) ||
	    !read_endpoint(fields[FIELD_REMOTE], little_endian, &record->remote,
			   &record->remote_port) ||
	    !read_state(fields[FIELD_STATE], protocol, record, &state) ||
	    !span_number(fields[FIELD_USER], UINT32_MAX, &user) ||
	    !span_number(fields[FIELD_INODE], UINT32_MAX, &inode))
		return false;
	record->user = (uint32_t)user;
	record->inode = (uint32_t)inode;
	record->ipv6_only =
		record->local.family == FAMILY_IPV6 ? IPV6_ONLY_UNKNOWN : IPV6_ONLY_NO;
	read_timer(fields[FIELD_TIMER], state, record);
	return true;
}
