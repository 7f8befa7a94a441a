#include "source/artefact/etl/event.h"

#include "snapshot/address.h"
#include "source/artefact/etl/bytes.h"
#include "source/artefact/etl/record.h"

/* EVENT_HEADER, evntcons.h. */
enum {
	FLAGS = 0x04,
	THREAD = 0x08,
	PROCESS = 0x0c,
	TIME = 0x10,
	PROVIDER = 0x18,
	ID = 0x28,
	VERSION = 0x2a,
	PAYLOAD = ETW_HEADER,
	FLAG_EXTENDED = 0x01,
	FLAG_32_BIT_HEADER = 0x20,
};

/*
 * EVENT_HEADER_EXTENDED_DATA_ITEM as it is in a file: size of all of it, type, linkage, size of the data. Bit 0 of linkage
 * says that another one follows. How much they take in all; 0 where they are spoilt: then there is no payload.
 */
static size_t read_extended(const uint8_t *at, size_t left, struct etw_extended *extended)
{
	size_t whole = 0;
	bool more = true;

	while (more) {
		size_t size = left - whole >= 8 ? le16(at + whole) : 0;

		if (size < 8 || size > left - whole) {
			if (extended)
				extended->spoilt = true;
			return left;
		}
		if (extended && extended->count < ETW_EXTENDED_MOST)
			extended->types[extended->count++] = le16(at + whole + 2);
		more = le16(at + whole + 4) & 1;
		size = (size + 7) & ~(size_t)7;
		whole += size < left - whole ? size : left - whole;
	}
	return whole;
}

static void read_header(struct etw_event *event, const uint8_t *bytes, bool is_32_bit,
			const uint8_t *payload, size_t size)
{
	*event = (struct etw_event){
		.provider = bytes + PROVIDER,
		.id = le16(bytes + ID),
		.version = bytes[VERSION],
		.pointer_size = is_32_bit ? 4 : 8,
		.thread = le32(bytes + THREAD),
		.process = le32(bytes + PROCESS),
		.time = (int64_t)le64(bytes + TIME),
		.payload = payload,
		.size = size,
	};
}

void etw_event_live(struct etw_event *event, const uint8_t header[ETW_HEADER],
		    const uint8_t *payload, size_t size)
{
	read_header(event, header, le16(header + FLAGS) & FLAG_32_BIT_HEADER, payload,
		    payload ? size : 0);
}

void etw_event_read(struct etw_event *event, const struct etl_record *record,
		    struct etw_extended *extended)
{
	const uint8_t *bytes = record->bytes;
	size_t begin = PAYLOAD;

	if (extended) {
		extended->count = 0;
		extended->spoilt = false;
	}
	if (le16(bytes + FLAGS) & FLAG_EXTENDED)
		begin += read_extended(bytes + PAYLOAD, record->size - PAYLOAD, extended);
	read_header(event, bytes, record->type == ETL_EVENT_32, bytes + begin,
		    record->size - begin);
}

/* ---- payloads ---- */

struct etw_payload etw_payload_of(const struct etw_event *event)
{
	return (struct etw_payload){
		.at = event->payload,
		.left = event->size,
		.pointer_size = event->pointer_size,
	};
}

const uint8_t *etw_bytes(struct etw_payload *payload, size_t size)
{
	const uint8_t *at = payload->at;

	if (size > payload->left) {
		payload->short_of = true;
		payload->left = 0;
		return NULL;
	}
	payload->at += size;
	payload->left -= size;
	return at;
}

uint16_t etw_u16(struct etw_payload *payload)
{
	const uint8_t *at = etw_bytes(payload, 2);

	return at ? le16(at) : 0;
}

uint32_t etw_u32(struct etw_payload *payload)
{
	const uint8_t *at = etw_bytes(payload, 4);

	return at ? le32(at) : 0;
}

uint64_t etw_u64(struct etw_payload *payload)
{
	const uint8_t *at = etw_bytes(payload, 8);

	return at ? le64(at) : 0;
}

uint64_t etw_pointer(struct etw_payload *payload)
{
	return payload->pointer_size == 4 ? etw_u32(payload) : etw_u64(payload);
}

/* ws2def.h, ws2ipdef.h: SOCKADDR_IN and SOCKADDR_IN6. */
bool etw_sockaddr(struct etw_payload *payload, size_t size, struct address *address,
		  uint16_t *port)
{
	enum { INET = 2, INET6 = 23, INET_SIZE = 8, INET6_SIZE = 24 };
	const uint8_t *at = etw_bytes(payload, size);

	*address = (struct address){ 0 };
	*port = 0;
	if (!at || size < 2)
		return false;
	if (le16(at) == INET && size >= INET_SIZE)
		*address = address_ipv4(at + 4);
	else if (le16(at) == INET6 && size >= INET6_SIZE)
		*address = address_ipv6(at + 8);
	else
		return false;
	*port = be16(at + 2);
	return true;
}

bool etw_counted_sockaddr(struct etw_payload *payload, struct address *address, uint16_t *port)
{
	return etw_sockaddr(payload, etw_u32(payload), address, port);
}
