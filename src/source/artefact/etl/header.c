#include "source/artefact/etl/header.h"

#include "base/filetime.h"
#include "base/language.h"
#include "source/artefact/etl/bytes.h"

/*
 * The record is a SYSTEM_TRACE_HEADER and the structure behind it. In the structure stand two pointers that mean nothing in
 * a file, but take the place that pointers of the system had that wrote it: on a 32-bit one all behind them is
 * earlier by 8 bytes.
 */
enum {
	SYSTEM_HEADER = 0x20,
	START_RAW = 0x10,

	BUFFER_SIZE = 0x00,
	BUILD = 0x08,
	PROCESSORS = 0x0c,
	END_TIME = 0x10,
	LOG_FILE_MODE = 0x20,
	BUFFERS_WRITTEN = 0x24,
	POINTER_SIZE = 0x2c,
	EVENTS_LOST = 0x30,
	CPU_MHZ = 0x34,
	BIAS = 0x48,
	BOOT_TIME = 0xf8,
	PERF_FREQUENCY = 0x100,
	START_TIME = 0x108,
	CLOCK_TYPE = 0x110,
	BUFFERS_LOST = 0x114,
	ALL = 0x118,
};

static uint64_t frequency_of(const struct etl_header *header, uint64_t performance,
			     uint32_t mhz)
{
	switch (header->clock) {
	case ETL_CLOCK_QPC:
		return performance;
	case ETL_CLOCK_SYSTEM:
		return 10000000;
	case ETL_CLOCK_CYCLES:
		return mhz * UINT64_C(1000000);
	default:
		return 0;
	}
}

int etl_header_read(struct etl_header *header, const uint8_t *record, size_t size,
		    struct error *error)
{
	const uint8_t *log = record + SYSTEM_HEADER;
	size_t less;

	if (size < SYSTEM_HEADER + POINTER_SIZE + 4)
		return error_set(error, _("the header of the log file is cut"));
	*header = (struct etl_header){
		.buffer_size = le32(log + BUFFER_SIZE),
		.build = (int)(le32(log + BUILD) & INT32_MAX),
		.processors = le32(log + PROCESSORS),
		.end = (int64_t)le64(log + END_TIME),
		.mode = le32(log + LOG_FILE_MODE),
		.buffers_written = le32(log + BUFFERS_WRITTEN),
		.start_raw = (int64_t)le64(record + START_RAW),
	};
	if (le32(log + POINTER_SIZE) != 4 && le32(log + POINTER_SIZE) != 8)
		return error_set(error,
				 _("the header of the log file says that pointers have %u "
				   "bytes; there are 4 or 8"),
				 le32(log + POINTER_SIZE));
	header->pointer_size = (uint8_t)le32(log + POINTER_SIZE);
	less = header->pointer_size == 4 ? 8 : 0;
	if (size < SYSTEM_HEADER + ALL - less)
		return error_set(error, _("the header of the log file is cut"));
	header->events_lost = le32(log + EVENTS_LOST);
	header->bias_minutes = (int32_t)le32(log + BIAS - less);
	header->boot = (int64_t)le64(log + BOOT_TIME - less);
	header->start = (int64_t)le64(log + START_TIME - less);
	header->clock = le32(log + CLOCK_TYPE - less);
	header->buffers_lost = le32(log + BUFFERS_LOST - less);
	header->frequency =
		frequency_of(header, le64(log + PERF_FREQUENCY - less), le32(log + CPU_MHZ));
	return 0;
}

/* ---- time ---- */

/* The end of year 9999, behind which no time is one. */
#define LAST_MS INT64_C(253402300799999)

/* No clock ticks faster; where it does not, `ticks` below a second's times FILETIME_UNITS_PER_S fits. */
#define FASTEST UINT64_C(100000000000)

/* 100 ns of so many ticks; false: more than a number holds. */
static bool span_of(uint64_t frequency, int64_t ticks, int64_t *span)
{
	const int64_t per_second = (int64_t)frequency;
	int64_t whole;

	if (!frequency || frequency > FASTEST ||
	    __builtin_mul_overflow(ticks / per_second, (int64_t)FILETIME_UNITS_PER_S, &whole))
		return false;
	return !__builtin_add_overflow(
		whole, ticks % per_second * FILETIME_UNITS_PER_S / per_second, span);
}

int64_t etl_time_ms(const struct etl_header *header, int64_t raw)
{
	int64_t ticks, span, moment = raw, time_ms;

	if (header->clock != ETL_CLOCK_SYSTEM &&
	    (__builtin_sub_overflow(raw, header->start_raw, &ticks) ||
	     !span_of(header->frequency, ticks, &span) ||
	     __builtin_add_overflow(header->start, span, &moment)))
		return 0;
	time_ms = moment > 0 ? filetime_to_unix_ms((uint64_t)moment) : 0;
	return time_ms > 0 && time_ms <= LAST_MS ? time_ms : 0;
}
