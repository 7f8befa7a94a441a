#define _GNU_SOURCE /* syscall() */
#include "source/linux/trace/perf_events.h"

#include "base/arena.h"
#include "base/language.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A buffer is a page of counters and 2^n pages of records. Who has no CAP_IPC_LOCK may lock 516 KiB a
 * processor (/proc/sys/kernel/perf_event_mlock_kb). */
enum {
	ALL_BUFFERS = 16 << 20,
	LARGEST_BUFFER = 4 << 20,
	SMALLEST_BUFFER = 64 << 10,
	LARGEST_RECORD = 1 << 16
};

struct buffer {
	struct perf_event_mmap_page *control;
	size_t size;
	uint64_t *ids; /* of the events, in the order of the wishes */
	int *events;
};

struct perf_events {
	struct perf_wish *wishes;
	size_t count;
	struct buffer *buffers; /* one a processor */
	size_t buffer_count;
	size_t page;
	int descriptor; /* epoll */
	bool counts_lost, was_full;
	uint64_t lost;
	uint64_t record[LARGEST_RECORD / sizeof(uint64_t)]; /* one, in one piece */
};

/* ---- opening ---- */

static int open_event(const struct perf_events *events, const struct perf_wish *wish,
		      int processor)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof attributes,
		.config = (uint64_t)wish->id,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
			       PERF_SAMPLE_RAW |
			       (wish->registers ? PERF_SAMPLE_REGS_USER : 0) |
			       (wish->stack ? PERF_SAMPLE_STACK_USER : 0),
		.sample_regs_user = wish->registers,
		.sample_stack_user = wish->stack,
		.wakeup_events = 1,
		.read_format = events->counts_lost ? PERF_FORMAT_LOST : 0,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
		.disabled = 1,
	};

	return (int)syscall(SYS_perf_event_open, &attributes, -1, processor, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

/* The first event of a processor has the buffer. */
static int map_buffer(const struct perf_events *events, struct buffer *buffer)
{
	for (; buffer->size >= SMALLEST_BUFFER; buffer->size /= 2) {
		void *memory = mmap(NULL, events->page + buffer->size, PROT_READ | PROT_WRITE,
				    MAP_SHARED, buffer->events[0], 0);

		if (memory != MAP_FAILED) {
			buffer->control = memory;
			return 0;
		}
		if (errno != EPERM && errno != ENOMEM)
			return -1;
	}
	return -1;
}

static int join_buffer(struct perf_events *events, struct buffer *buffer, size_t wish)
{
	int event = buffer->events[wish];

	if (ioctl(event, PERF_EVENT_IOC_ID, &buffer->ids[wish]) ||
	    ioctl(event, PERF_EVENT_IOC_SET_FILTER, events->wishes[wish].filter))
		return -1;
	if (!wish)
		return map_buffer(events, buffer);
	return ioctl(event, PERF_EVENT_IOC_SET_OUTPUT, buffer->events[0]);
}

static int enable(const struct buffer *buffer, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ioctl(buffer->events[i], PERF_EVENT_IOC_ENABLE, 0))
			return -1;
	return 0;
}

/* 0, or -1 with errno set; a processor that is not there is left out. */
static int open_processor(struct perf_events *events, int processor)
{
	struct buffer *buffer = &events->buffers[events->buffer_count];
	struct epoll_event ready = { .events = EPOLLIN };

	buffer->events[0] = open_event(events, &events->wishes[0], processor);
	if (buffer->events[0] < 0 && errno == EINVAL && events->counts_lost) {
		events->counts_lost = false; /* before Linux 6.0 */
		buffer->events[0] = open_event(events, &events->wishes[0], processor);
	}
	if (buffer->events[0] < 0)
		return errno == ENODEV ? 0 : -1;
	events->buffer_count++;
	for (size_t i = 0; i < events->count; i++) {
		if (i)
			buffer->events[i] = open_event(events, &events->wishes[i], processor);
		if (buffer->events[i] < 0 || join_buffer(events, buffer, i))
			return -1;
	}
	if (epoll_ctl(events->descriptor, EPOLL_CTL_ADD, buffer->events[0], &ready))
		return -1;
	return enable(buffer, events->count);
}

static struct perf_events *new_events(const struct perf_wish *wishes, size_t count,
				      size_t processors)
{
	struct perf_events *events = memory_zeroed(1, sizeof *events);
	size_t size = LARGEST_BUFFER;

	while (size * processors > ALL_BUFFERS && size > SMALLEST_BUFFER)
		size /= 2;
	events->wishes = memory_zeroed(count, sizeof *wishes);
	memcpy(events->wishes, wishes, count * sizeof *wishes);
	events->count = count;
	events->counts_lost = true;
	events->page = (size_t)sysconf(_SC_PAGESIZE);
	events->buffers = memory_zeroed(processors, sizeof *events->buffers);
	for (size_t i = 0; i < processors; i++) {
		events->buffers[i].size = size;
		events->buffers[i].ids = memory_zeroed(count, sizeof(uint64_t));
		events->buffers[i].events = memory_zeroed(count, sizeof(int));
		memset(events->buffers[i].events, 0xff, count * sizeof(int)); /* -1 */
	}
	return events;
}

struct perf_events *perf_events_open(const struct perf_wish *wishes, size_t count,
				     struct error *error)
{
	size_t processors = (size_t)sysconf(_SC_NPROCESSORS_CONF);
	struct perf_events *events = new_events(wishes, count, processors);
	int result = 0;

	events->descriptor = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; !result && i < processors; i++)
		result = open_processor(events, (int)i);
	if (!result && events->descriptor >= 0)
		return events;
	if (errno == EACCES || errno == EPERM)
		error_set(error, _("no privilege to watch tracepoints (CAP_PERFMON)"));
	else
		error_set(error, "perf_event_open(): %s", language_errno(errno));
	perf_events_close(events);
	return NULL;
}

static void close_buffer(const struct perf_events *events, struct buffer *buffer)
{
	if (buffer->control)
		munmap(buffer->control, events->page + buffer->size);
	for (size_t i = 0; i < events->count; i++)
		if (buffer->events[i] >= 0)
			close(buffer->events[i]);
	free(buffer->events);
	free(buffer->ids);
}

void perf_events_close(struct perf_events *events)
{
	size_t processors = (size_t)sysconf(_SC_NPROCESSORS_CONF);

	if (!events)
		return;
	for (size_t i = 0; i < processors; i++)
		close_buffer(events, &events->buffers[i]);
	if (events->descriptor >= 0)
		close(events->descriptor);
	free(events->buffers);
	free(events->wishes);
	free(events);
}

int perf_events_descriptor(const struct perf_events *events)
{
	return events->descriptor;
}

/*
 * The kernel says it in the buffer as well, by PERF_RECORD_LOST, but only together with the next record
 * that finds room: after the last one never (Linux kernel/events/ring_buffer.c, __perf_output_begin()).
 */
static uint64_t count_lost(const struct perf_events *events)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < events->buffer_count; i++)
		for (size_t wish = 0; wish < events->count; wish++) {
			struct {
				uint64_t value, lost;
			} counts;

			if (read(events->buffers[i].events[wish], &counts, sizeof counts) ==
			    sizeof counts)
				lost += counts.lost;
		}
	return lost;
}

uint64_t perf_events_lost(struct perf_events *events)
{
	if (events->counts_lost && events->was_full) {
		events->was_full = false;
		events->lost = count_lost(events);
	}
	return events->lost;
}

/* ---- reading ---- */

/* What is left of a record, word by word. */
struct words {
	const uint64_t *next, *end;
};

static uint64_t take_word(struct words *words)
{
	return words->next < words->end ? *words->next++ : 0;
}

/* So many bytes, of which the first lies `skip` bytes behind; NULL: there are not so many. */
static const uint8_t *take_bytes(struct words *words, size_t skip, size_t size)
{
	const uint8_t *bytes = (const uint8_t *)words->next + skip;
	size_t count = (skip + size + 7) / 8;

	if (size > LARGEST_RECORD || count > (size_t)(words->end - words->next))
		return NULL;
	words->next += count;
	return bytes;
}

static size_t find_wish(const struct perf_events *events, const struct buffer *buffer,
			uint64_t id)
{
	size_t wish = 0;

	while (wish < events->count && buffer->ids[wish] != id)
		wish++;
	return wish;
}

static void parse_registers(struct words *words, const struct perf_wish *wish,
			    struct perf_sample *sample)
{
	size_t count = (size_t)__builtin_popcountll(wish->registers);
	uint64_t abi = take_word(words);
	const uint64_t *registers = words->next;

	if (abi == PERF_SAMPLE_REGS_ABI_NONE ||
	    !take_bytes(words, 0, count * sizeof *registers))
		return;
	if (abi == PERF_SAMPLE_REGS_ABI_64)
		sample->registers = registers;
}

static void parse_stack(struct words *words, struct perf_sample *sample)
{
	size_t size = (size_t)take_word(words);
	uint64_t readable;

	if (!size)
		return;
	sample->stack = take_bytes(words, 0, size);
	readable = take_word(words);
	sample->stack_size = sample->stack && readable <= size ? (size_t)readable : 0;
}

/* The parts of a record in the order of perf_event_open(2), PERF_RECORD_SAMPLE. */
static bool parse(const struct perf_events *events, const struct buffer *buffer,
		  struct words words, struct perf_sample *sample)
{
	const struct perf_wish *wish;
	uint64_t word;

	*sample = (struct perf_sample){ .wish = find_wish(events, buffer, take_word(&words)) };
	if (sample->wish == events->count)
		return false;
	wish = &events->wishes[sample->wish];
	word = take_word(&words);
	sample->pid = (int32_t)(uint32_t)word;
	sample->thread = (int32_t)(uint32_t)(word >> 32);
	sample->time_ns = take_word(&words);
	if (words.next == words.end)
		return false;
	sample->record_size = *(const uint32_t *)words.next;
	sample->record = take_bytes(&words, sizeof(uint32_t), sample->record_size);
	if (wish->registers)
		parse_registers(&words, wish, sample);
	if (wish->stack)
		parse_stack(&words, sample);
	return sample->record != NULL;
}

/* A record may go on at the buffer's beginning: in one piece it can be read. */
static const struct perf_event_header *copy_record(struct perf_events *events,
						   const struct buffer *buffer, uint64_t at)
{
	const char *data = (const char *)buffer->control + events->page;
	size_t place = (size_t)(at % buffer->size), first;
	const struct perf_event_header *header = (const void *)(data + place);

	first = buffer->size - place;
	if (first >= header->size)
		return header;
	memcpy(events->record, data + place, first);
	memcpy((char *)events->record + first, data, header->size - first);
	return (const void *)events->record;
}

static bool take_record(struct perf_events *events, const struct buffer *buffer,
			const struct perf_event_header *header,
			bool (*take)(void *context, const struct perf_sample *sample),
			void *context)
{
	struct words words = {
		(const uint64_t *)(const void *)(header + 1),
		(const uint64_t *)(const void *)((const char *)header + header->size / 8 * 8),
	};
	struct perf_sample sample;

	if (header->type == PERF_RECORD_LOST) {
		take_word(&words); /* its id */
		if (!events->counts_lost)
			events->lost += take_word(&words);
	} else if (header->type == PERF_RECORD_SAMPLE &&
		   parse(events, buffer, words, &sample)) {
		return take(context, &sample);
	}
	return true;
}

void perf_events_take(struct perf_events *events,
		      bool (*take)(void *context, const struct perf_sample *sample),
		      void *context)
{
	bool more = true;

	for (size_t i = 0; more && i < events->buffer_count; i++) {
		struct buffer *buffer = &events->buffers[i];
		uint64_t end = __atomic_load_n(&buffer->control->data_head, __ATOMIC_ACQUIRE);
		uint64_t at = buffer->control->data_tail;

		events->was_full |= end - at + LARGEST_RECORD > buffer->size;
		while (more && at < end) {
			const struct perf_event_header *header =
				copy_record(events, buffer, at);
			uint16_t size = header->size;

			more = take_record(events, buffer, header, take, context);
			at += size;
			__atomic_store_n(&buffer->control->data_tail, at, __ATOMIC_RELEASE);
		}
	}
}
