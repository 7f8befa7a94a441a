#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The reading side of a BPF ring buffer (BPF_MAP_TYPE_RINGBUF), by the pages that the kernel shares. All
 * that libbpf's ring_buffer__poll() would do for us is here; without it the program needs no library of
 * its own on the machine it is copied to, and starts faster.
 */
struct bpf_ring {
	void *consumer, *producer; /* shared pages; the data follows the producer's, twice */
	size_t page, size;	   /* bytes; `size` as the map was made */
};

/* 0, or -1 with errno set. `map` stays the caller's. */
int bpf_ring_open(struct bpf_ring *ring, int map, size_t size);
void bpf_ring_close(struct bpf_ring *ring);

/* Hands over the records that are complete by now, oldest first; each is valid until the call-back returns.
 * Ends early when it returns false. */
void bpf_ring_take(struct bpf_ring *ring,
		   bool (*take)(void *context, const void *record, size_t size),
		   void *context);
