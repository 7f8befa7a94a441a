#include "source/linux/seen.h"

#include "source/linux/bpf_walk.h"
#include "source/linux/descriptors.h"
#include "source/linux/sock_diag.h"

#include <netinet/in.h>

enum { KERNEL_CLOSE = 7 }; /* Linux include/net/tcp_states.h */

static enum time_wait_age age_of(const struct seen_socket *seen, int delay_ms)
{
	if (delay_ms < 0)
		return seen->flags & SEEN_SECOND_OVER ? AGE_OLD : AGE_YOUNG;
	/* Below zero: it has begun since the walk looked at the clock. */
	if (seen->flags & SEEN_AGE_MS)
		return (int32_t)seen->age_ms > delay_ms ? AGE_OLD : AGE_YOUNG;
	return time_wait_age(&(struct time_wait_rule){ .delay_ms = delay_ms }, seen->user);
}

static void fill_time_wait(struct socket_record *record, const struct seen_socket *seen,
			   int delay_ms)
{
	record->expires_ms = seen->user;
	record->age = age_of(seen, delay_ms);
	record->timestamps = seen->flags & SEEN_TIMESTAMPS ? TIMESTAMPS_YES : TIMESTAMPS_NO;
}

struct socket_record seen_record(const struct seen_socket *seen, int tw_reuse_delay_ms)
{
	bool six = seen->flags & SEEN_IPV6, resting = seen->flags & SEEN_TIME_WAIT;
	struct socket_record record = {
		.protocol = seen->protocol == IPPROTO_UDP ? PROTOCOL_UDP : PROTOCOL_TCP,
		.local = six ? address_ipv6(seen->local) : address_ipv4(seen->local),
		.remote = six ? address_ipv6(seen->remote) : address_ipv4(seen->remote),
		.local_port = seen->local_port,
		.remote_port = seen->remote_port,
		.ipv6_only = seen->flags & SEEN_IPV6_ONLY ? IPV6_ONLY_YES : IPV6_ONLY_NO,
		.device = seen->device,
		.inode = resting ? 0 : seen->inode,
		.user = resting ? 0 : seen->user,
		.cookie = resting ? seen->socket : 0,
	};

	record.state = record.protocol == PROTOCOL_TCP ? sock_diag_tcp_state(seen->state) :
		       seen->state == KERNEL_CLOSE     ? SOCKET_UNCONNECTED :
							 SOCKET_ESTABLISHED;
	if (record.local.family == FAMILY_IPV4)
		record.ipv6_only = IPV6_ONLY_NO; /* a mapped address is IPv4 in all respects */
	if (record.state == SOCKET_TIME_WAIT)
		fill_time_wait(&record, seen, tw_reuse_delay_ms);
	if (seen->kind == SEEN_BOUND) {
		record.remote = (struct address){ .family = record.local.family };
		record.remote_port = 0;
	}
	return record;
}

/* It may have been connected since. */
static bool is_same_socket(const struct descriptor *held, const struct seen_socket *seen)
{
	return held->local_port == seen->local_port &&
	       (!held->remote_port || !seen->remote_port ||
		held->remote_port == seen->remote_port);
}

struct descriptor *seen_owner(const struct descriptors *descriptors,
			      const struct seen_socket *seen)
{
	struct descriptor *held;

	if (seen->flags & SEEN_TIME_WAIT)
		return NULL;
	if (seen->kind == SEEN_BOUND)
		return descriptors_find(descriptors, seen->inode);
	held = descriptors_find(descriptors, seen->socket);
	/* Its memory may have served another socket when the descriptors were read. */
	return held && (held->any_port || is_same_socket(held, seen)) ? held : NULL;
}
