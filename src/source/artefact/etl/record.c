#include "source/artefact/etl/record.h"

#include "source/artefact/etl/bytes.h"

enum { SHORTEST = 8, MARKER_BYTE = 3, MARKER = 0x80, TYPES = 0x16 };

/* Where the size stands, and how long the header is. Of kinds that are not in it the size is taken to stand at the
 * beginning, where all the newer ones have it. */
static const struct {
	uint8_t size_at, header;
} types[TYPES] = {
	[0x01] = { 4, 32 }, [0x02] = { 4, 32 }, [0x03] = { 4, 24 }, [0x04] = { 4, 24 },
	[0x0a] = { 0, 48 }, [0x14] = { 0, 48 }, [0x0b] = { 0, 56 }, [0x15] = { 0, 56 },
	[0x0d] = { 0, 8 },  [0x10] = { 4, 16 }, [0x11] = { 4, 16 }, [0x12] = { 0, 80 },
	[0x13] = { 0, 80 },
};

enum etl_step etl_records_next(struct etl_records *records, struct etl_record *record)
{
	const uint8_t *bytes = records->bytes + records->at;
	size_t left = records->size - records->at, size, shortest = SHORTEST;
	uint8_t type;

	if (left < SHORTEST)
		return ETL_NO_MORE;
	if (!(bytes[MARKER_BYTE] & MARKER))
		return ETL_SPOILT;
	type = bytes[2];
	size = le16(bytes + (type < TYPES ? types[type].size_at : 0));
	if (type < TYPES && types[type].header)
		shortest = types[type].header;
	if (size < shortest || size > left)
		return ETL_SPOILT;
	*record = (struct etl_record){ type, bytes, size };
	size = (size + 7) & ~(size_t)7;
	records->at += size < left ? size : left;
	return ETL_RECORD;
}
