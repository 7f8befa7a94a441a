#include "source/linux/sockets/iterators.h"

#include "source/linux/bpf/iterators.h"
#include "source/linux/reading.h"
#include "source/linux/sockets/seen.h"

#include <netinet/in.h>

/* The table of descriptors is larger than a processor's cache: so many records ahead it is asked for. */
enum { PREFETCHED = 8 };

int iterators_begin(struct reading *reading, struct error *error)
{
	double start = reading_now_ms();
	struct bpf_iterators *iterators = bpf_iterators_open(error);
	struct descriptors descriptors = { 0 };

	if (!iterators)
		return -1;
	reading->bpf_iter.milliseconds = reading_now_ms() - start;
	start = reading_now_ms();
	if (descriptors_iterate_bpf(&descriptors, iterators, reading->request->no_owners,
				    error)) {
		descriptors_free(&descriptors);
		bpf_iterators_close(iterators);
		return -1;
	}
	descriptors_free(&reading->descriptors); /* of /proc, if it was asked first */
	reading->descriptors = descriptors;
	reading->owners = (struct source_report){
		.name = "bpf_task_file",
		.used = true,
		.sockets = (int64_t)descriptors.count,
		.milliseconds = reading_now_ms() - start,
	};
	reading->iterators = iterators;
	return 0;
}

void iterators_end(struct reading *reading)
{
	bpf_iterators_close(reading->iterators);
	reading->iterators = NULL;
}

static void note_port_owner(struct netns *netns, const struct seen_socket *seen)
{
	if (seen->flags & SEEN_BIND_OWNED)
		port_set_add(&netns->known_bind, seen->local_port);
	else if (seen->flags & SEEN_CONNECT_OWNED)
		port_set_add(&netns->known_connect, seen->local_port);
}

/* A TCP socket of the kernel's count, not what is left of one or has not become one. */
static bool is_allocated(const struct seen_socket *seen)
{
	enum { KERNEL_NEW_SYN_RECV = 12 }; /* Linux include/net/tcp_states.h */

	return seen->protocol == IPPROTO_TCP && !(seen->flags & SEEN_TIME_WAIT) &&
	       seen->state != KERNEL_NEW_SYN_RECV;
}

static void take_socket(struct reading *reading, const struct seen_socket *seen)
{
	struct netns *netns = &reading->snapshot->namespaces[reading->netns];
	struct socket_record record;

	seen_fill(&record, seen, netns->settings.tw_reuse_delay_ms);
	reading->bpf_iter.sockets++;
	reading->tcp_seen += is_allocated(seen);
	note_port_owner(netns, seen);
	sockets_deliver(reading, seen_owner(&reading->descriptors, seen), &record);
}

static void take_sockets(void *context, const union seen *records, size_t count)
{
	struct reading *reading = context;

	for (size_t i = 0; i < count; i++) {
		if (i + PREFETCHED < count)
			descriptors_prefetch(&reading->descriptors,
					     records[i + PREFETCHED].socket.socket);
		take_socket(reading, &records[i].socket);
	}
}

int iterators_read(struct reading *reading, enum protocol protocol, struct error *error)
{
	double start = reading_now_ms();
	int result = bpf_iterators_sockets(reading->iterators, protocol, take_sockets, reading,
					   error);

	reading->bpf_iter.milliseconds += reading_now_ms() - start;
	reading->bpf_iter.used = reading->bpf_iter.used || !result;
	return result;
}

void iterators_take_bound(struct reading *reading)
{
	const struct descriptors *descriptors = &reading->descriptors;
	uint64_t here = reading->snapshot->namespaces[reading->netns].inode;

	for (size_t i = 0; i < descriptors->bound_count; i++)
		if (descriptors->bound[i].netns == here)
			take_socket(reading, &descriptors->bound[i]);
}
