#include "source/artefact/linux/kernel.h"
#include "source/linux/sockets/seen.h"

#include "source/linux/bpf/walk.h"
#include "source/linux/process/descriptors.h"
#include "source/linux/sockets/sock_diag.h"

#include <netinet/in.h>
#include <string.h>

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

static void fill_address(struct address *address, const struct seen_socket *seen,
			 const uint8_t bytes[16])
{
	if (seen->flags & SEEN_IPV6) {
		*address = address_ipv6(bytes);
		return;
	}
	address->family = FAMILY_IPV4;
	memcpy(address->bytes, bytes, 4);
}

static enum socket_state state_of(const struct seen_socket *seen)
{
	if (seen->kind == SEEN_BOUND)
		return SOCKET_BOUND;
	if (seen->protocol != IPPROTO_UDP)
		return kernel_tcp_state(seen->state);
	return seen->state == KERNEL_CLOSE ? SOCKET_UNCONNECTED : SOCKET_ESTABLISHED;
}

void seen_fill(struct socket_record *record, const struct seen_socket *seen,
	       int tw_reuse_delay_ms)
{
	memset(record, 0, sizeof *record);
	record->protocol = seen->protocol == IPPROTO_UDP ? PROTOCOL_UDP : PROTOCOL_TCP;
	record->state = state_of(seen);
	fill_address(&record->local, seen, seen->local);
	record->local_port = seen->local_port;
	record->device = seen->device;
	/* A mapped address is IPv4 in all respects. */
	if (seen->flags & SEEN_IPV6_ONLY && record->local.family == FAMILY_IPV6)
		record->ipv6_only = IPV6_ONLY_YES;
	if (seen->flags & SEEN_TIME_WAIT) {
		record->cookie = seen->socket;
	} else {
		record->inode = seen->inode;
		record->user = seen->user;
	}
	if (record->state == SOCKET_TIME_WAIT)
		fill_time_wait(record, seen, tw_reuse_delay_ms);
	if (seen->kind == SEEN_BOUND) {
		record->remote.family = record->local.family;
		return;
	}
	fill_address(&record->remote, seen, seen->remote);
	record->remote_port = seen->remote_port;
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
