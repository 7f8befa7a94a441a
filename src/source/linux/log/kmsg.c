#include "source/linux/log/kmsg.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct kmsg {
	int fd;
	bool begun;
	uint64_t next; /* sequence number that should come */
	char record[KMSG_LARGEST + 1];
};

static int hexadecimal(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return -1;
}

/* The kernel writes what is not printable, and the backslash, as \x1b (kernel/printk/printk.c, append_char()). A 0 would
 * end the text. */
static void unescape(char *text)
{
	char *to = text;

	while (*text) {
		int high = -1, low = -1;

		if (text[0] == '\\' && text[1] == 'x') {
			high = hexadecimal(text[2]);
			low = high < 0 ? -1 : hexadecimal(text[3]);
		}
		if (low < 0) {
			*to++ = *text++;
			continue;
		}
		*to++ = high || low ? (char)(high * 16 + low) : '?';
		text += 4;
	}
	*to = '\0';
}

static bool take_number(char **at, uint64_t most, uint64_t *number)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	*number = strtoull(*at, &end, 10);
	if (errno || *number > most || *end != ',')
		return false;
	*at = end + 1;
	return true;
}

/* "6,339,5140900,-;NET: Registered PF_INET protocol family"; between flags and text there may be further fields, below
 * the text lines " KEY=VALUE". */
bool kmsg_parse(char *record, size_t length, struct kmsg_record *parsed)
{
	enum { LEVELS = 8, LARGEST_PRIORITY = 1 << 16 };
	uint64_t priority, sequence, microseconds;
	char *at = record, *end;

	record[length] = '\0';
	if (!take_number(&at, LARGEST_PRIORITY, &priority) ||
	    !take_number(&at, UINT64_MAX, &sequence) ||
	    !take_number(&at, INT64_MAX, &microseconds))
		return false;
	at = strchr(at, ';');
	if (!at)
		return false;
	end = strchr(++at, '\n');
	if (end)
		*end = '\0';
	unescape(at);
	*parsed = (struct kmsg_record){
		.level = (unsigned)priority % LEVELS,
		.facility = (unsigned)priority / LEVELS,
		.sequence = sequence,
		.microseconds = (int64_t)microseconds,
		.text = at,
	};
	return true;
}

struct kmsg *kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct kmsg *kmsg;

	if (fd < 0)
		return NULL;
	kmsg = memory_zeroed(1, sizeof *kmsg);
	kmsg->fd = fd;
	return kmsg;
}

void kmsg_close(struct kmsg *kmsg)
{
	if (!kmsg)
		return;
	close(kmsg->fd);
	free(kmsg);
}

int kmsg_descriptor(const struct kmsg *kmsg)
{
	return kmsg->fd;
}

bool kmsg_next(struct kmsg *kmsg, struct kmsg_record *record, uint64_t *lost)
{
	for (;;) {
		ssize_t length = read(kmsg->fd, kmsg->record, KMSG_LARGEST);

		/* EPIPE: what would have come was overwritten, and the next read() goes on behind it. EINVAL: the
		 * record is longer than that, and is left out. */
		if (length < 0 && (errno == EINTR || errno == EPIPE || errno == EINVAL))
			continue;
		if (length <= 0)
			return false;
		if (!kmsg_parse(kmsg->record, (size_t)length, record))
			continue;
		if (kmsg->begun && record->sequence > kmsg->next)
			*lost += record->sequence - kmsg->next;
		kmsg->begun = true;
		kmsg->next = record->sequence + 1;
		return true;
	}
}

/* As dmesg(1) does it. The kernel stamps with local_clock() (kernel/printk/printk.c, vprintk_store()), which nobody sets
 * right, and which stands still while the machine sleeps: times of before the last sleep come out too late
 * by what it slept since. */
int64_t kmsg_time_ms(int64_t microseconds)
{
	struct timespec wall, running;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &running);
	return ((int64_t)wall.tv_sec - running.tv_sec) * 1000 +
	       (wall.tv_nsec - running.tv_nsec) / 1000000 + microseconds / 1000;
}
