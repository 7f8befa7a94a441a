#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The kernel's log, as /dev/kmsg gives it: a record for each read(). Linux
 * Documentation/ABI/testing/dev-kmsg
 */
enum { KMSG_LARGEST = 16384 }; /* of a record; the kernel's are at most 8,192 */

struct kmsg_record {
	unsigned level, facility;
	uint64_t sequence;
	int64_t microseconds; /* since the boot */
	const char *text;     /* ended with 0, in the record; its escapes undone */
};

/* Takes a record apart, where it lies; `record` has room for a 0 at record[length]. False: it is none. */
bool kmsg_parse(char *record, size_t length, struct kmsg_record *parsed);

struct kmsg;

/* NULL with errno set. */
struct kmsg *kmsg_open(void);
void kmsg_close(struct kmsg *kmsg);
int kmsg_descriptor(const struct kmsg *kmsg);

/* The next record, until the next call; false: there is none for the moment. Counts those that were overwritten
 * before they were read. */
bool kmsg_next(struct kmsg *kmsg, struct kmsg_record *record, uint64_t *lost);

/* Milliseconds since 1970 UTC of a record's time. */
int64_t kmsg_time_ms(int64_t microseconds);
