#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct etl_record;

/*
 * One event of Event Tracing for Windows as a provider wrote it, wherever it comes from: of a file, or live.
 */
struct etw_event {
	const uint8_t *provider; /* GUID, 16 bytes as they stand in memory */
	uint16_t id;
	uint8_t version;
	uint8_t pointer_size;	  /* of pointers in the payload: 4 or 8 */
	uint32_t thread, process; /* in which it was logged; 0: in none */
	int64_t time;		  /* of the raw clock */
	const uint8_t *payload;
	size_t size;
};

/* Other things that an event carries, before its payload. */
enum { ETW_EXTENDED_MOST = 64 };

struct etw_extended {
	uint16_t types[ETW_EXTENDED_MOST];
	unsigned count;
	bool spoilt; /* they do not end where the event does */
};

/* Of a record of ETL_EVENT_32 or ETL_EVENT_64. `extended` may be NULL. */
void etw_event_read(struct etw_event *event, const struct etl_record *record,
		    struct etw_extended *extended);

/*
 * Of an EVENT_RECORD, as a live session hands them over: its EVENT_HEADER, which is the same 80 bytes as in a file but for
 * the flags, and its payload.
 */
enum { ETW_HEADER = 80 };

void etw_event_live(struct etw_event *event, const uint8_t header[ETW_HEADER],
		    const uint8_t *payload, size_t size);

/* What is read from a payload, field by field; zeros behind its end. */
struct etw_payload {
	const uint8_t *at;
	size_t left;
	uint8_t pointer_size;
	bool short_of; /* there was less than was read */
};

struct etw_payload etw_payload_of(const struct etw_event *event);
uint16_t etw_u16(struct etw_payload *payload);
uint32_t etw_u32(struct etw_payload *payload);
uint64_t etw_u64(struct etw_payload *payload);
uint64_t etw_pointer(struct etw_payload *payload);
const uint8_t *etw_bytes(struct etw_payload *payload, size_t size); /* NULL: not so many */

struct address;

/* A SOCKADDR of so many bytes: family (2, 23), port and address. false: it is none of IP. */
bool etw_sockaddr(struct etw_payload *payload, size_t size, struct address *address,
		  uint16_t *port);

/* A length of 32 bits, and a SOCKADDR of so many bytes, as TCPIP writes them. */
bool etw_counted_sockaddr(struct etw_payload *payload, struct address *address,
			  uint16_t *port);
