#include "source/linux/bpf/ring.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Two counters of bytes, each alone in a page: what the kernel has written, and what has been read here.
 * A record is a header of eight bytes, whose first four are its length, and is filled up to eight. The
 * data is mapped twice in a row, so that a record at the end goes on without a break. Linux
 * kernel/bpf/ringbuf.c.
 */
enum { HEADER = BPF_RINGBUF_HDR_SZ };

int bpf_ring_open(struct bpf_ring *ring, int map, size_t size)
{
	ring->page = (size_t)sysconf(_SC_PAGESIZE);
	ring->consumer = mmap(NULL, ring->page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (ring->consumer == MAP_FAILED)
		return -1;
	ring->producer = mmap(NULL, ring->page + 2 * size, PROT_READ, MAP_SHARED, map,
			      (off_t)ring->page);
	if (ring->producer != MAP_FAILED) {
		ring->size = size; /* there is something to close */
		return 0;
	}
	munmap(ring->consumer, ring->page);
	return -1;
}

void bpf_ring_close(struct bpf_ring *ring)
{
	if (!ring->size)
		return;
	munmap(ring->consumer, ring->page);
	munmap(ring->producer, ring->page + 2 * ring->size);
	ring->size = 0;
}

void bpf_ring_take(struct bpf_ring *ring,
		   bool (*take)(void *context, const void *record, size_t size), void *context)
{
	unsigned long *read = ring->consumer;
	const char *data = (const char *)ring->producer + ring->page;
	unsigned long end =
		__atomic_load_n((const unsigned long *)ring->producer, __ATOMIC_ACQUIRE);
	unsigned long at = *read;
	bool more = true;

	while (more && at != end) {
		const uint32_t *header = (const void *)(data + (at & (ring->size - 1)));
		uint32_t length = __atomic_load_n(header, __ATOMIC_ACQUIRE);

		if (length & BPF_RINGBUF_BUSY_BIT)
			return; /* being written; nothing behind it may be read first */
		if (!(length & BPF_RINGBUF_DISCARD_BIT))
			more = take(context, (const char *)header + HEADER, length);
		length &= ~BPF_RINGBUF_DISCARD_BIT;
		at += (length + HEADER + 7) / 8 * 8;
		__atomic_store_n(read, at, __ATOMIC_RELEASE);
	}
}
