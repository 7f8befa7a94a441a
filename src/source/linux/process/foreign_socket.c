#define _GNU_SOURCE /* syscall() */
#include "source/linux/process/foreign_socket.h"

#include "base/arena.h"
#include "source/linux/process/descriptors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <linux/tcp.h> /* tcp_info whole; the C library knows only its beginning */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* asm-generic/socket.h, since Linux 5.14 */
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51 /* linux/in.h, since Linux 6.3 */
#endif

enum { SAMPLES = 8, SUSPECTS = 16, SUSPICIOUS_PORTS = 8, KERNEL_CLOSE = 7 };

static int duplicate(int32_t pid, uint32_t number)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0);
	int fd;

	if (process < 0)
		return -1;
	fd = (int)syscall(SYS_pidfd_getfd, process, number, 0);
	close(process);
	return fd;
}

/* The kernel tells a socket's protocol without opening it: cheap enough for thousands of unix
 * sockets (Linux net/socket.c, sockfs_xattr_get()). */
static bool is_tcp(int32_t pid, uint32_t number)
{
	char path[64], name[32] = "";

	snprintf(path, sizeof path, "/proc/%d/fd/%u", pid, number);
	if (getxattr(path, "system.sockprotoname", name, sizeof name - 1) < 0)
		return false;
	return !strcmp(name, "TCP") || !strcmp(name, "TCPv6") || !strcmp(name, "MPTCP") ||
	       !strcmp(name, "MPTCPv6");
}

/* 1: it is, 0: it is not, -1: that cannot be told (before Linux 5.14, or refused). */
static int same_namespace(int fd, int here)
{
	uint64_t theirs, ours;
	socklen_t size = sizeof ours;

	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &theirs, &size) ||
	    getsockopt(here, SOL_SOCKET, SO_NETNS_COOKIE, &ours, &size))
		return -1;
	return theirs == ours;
}

static enum ipv6_only read_ipv6_only(int fd)
{
	int only = 0;
	socklen_t size = sizeof only;

	if (getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &size))
		return IPV6_ONLY_UNKNOWN;
	return only ? IPV6_ONLY_YES : IPV6_ONLY_NO;
}

enum ipv6_only foreign_socket_ipv6_only(int32_t pid, uint32_t number)
{
	int fd = duplicate(pid, number);
	enum ipv6_only only;

	if (fd < 0)
		return IPV6_ONLY_UNKNOWN;
	only = read_ipv6_only(fd);
	close(fd);
	return only;
}

static bool read_bound(int fd, struct socket_record *record)
{
	struct sockaddr_in6 own = { 0 };
	const struct sockaddr_in *four = (const struct sockaddr_in *)&own;
	struct tcp_info info = { 0 };
	socklen_t size = sizeof own, info_size = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &info_size) ||
	    info.tcpi_state != KERNEL_CLOSE || getsockname(fd, (struct sockaddr *)&own, &size))
		return false;
	record->state = SOCKET_BOUND;
	record->once_connected = info.tcpi_segs_out > 0;
	if (own.sin6_family == AF_INET6) {
		record->local = address_ipv6(&own.sin6_addr);
		record->local_port = ntohs(own.sin6_port);
		if (record->local.family == FAMILY_IPV6)
			record->ipv6_only = read_ipv6_only(fd);
	} else {
		record->local = address_ipv4(&four->sin_addr);
		record->local_port = ntohs(four->sin_port);
	}
	return record->local_port != 0;
}

static bool is_unseen_tcp(const struct descriptors *descriptors, struct descriptor *held)
{
	if (!held->key || held->seen || held->not_tcp)
		return false;
	held->not_tcp = !is_tcp(descriptors->processes[held->process].pid, held->number);
	return !held->not_tcp;
}

/* Whether the socket could be looked into; what it says is handed over. */
static bool look_into(const struct descriptors *descriptors, const struct descriptor *held,
		      int here,
		      void (*callback)(void *context, uint32_t process,
				       const struct socket_record *record),
		      void *context)
{
	struct socket_record record = { .protocol = PROTOCOL_TCP,
					.inode = (uint32_t)held->key };
	int fd = duplicate(descriptors->processes[held->process].pid, held->number);
	int same;

	if (fd < 0)
		return false;
	same = same_namespace(fd, here);
	if (same > 0 && read_bound(fd, &record))
		callback(context, held->process, &record);
	close(fd);
	return same >= 0;
}

int64_t foreign_socket_unseen(struct descriptors *descriptors,
			      void (*callback)(void *context, uint32_t process,
					       const struct socket_record *record),
			      void *context)
{
	int here = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int64_t known = 0;

	for (size_t i = 0; here >= 0 && i < descriptors->size; i++) {
		struct descriptor *held = &descriptors->sockets[i];

		if (is_unseen_tcp(descriptors, held))
			known += look_into(descriptors, held, here, callback, context);
	}
	if (here >= 0)
		close(here);
	return known;
}

static void sample(struct process *process, uint32_t number)
{
	int fd = duplicate(process->pid, number);
	uint32_t packed = 0;
	socklen_t size = sizeof packed;
	struct port_range range;

	if (fd < 0)
		return;
	if (!getsockopt(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, &packed, &size)) {
		process->sampled_sockets++;
		range = (struct port_range){ .first = (uint16_t)packed,
					     .last = (uint16_t)(packed >> 16) };
		if (packed &&
		    (!process->ranged_sockets || (range.first == process->own_range.first &&
						  range.last == process->own_range.last))) {
			process->own_range = range;
			process->ranged_sockets++;
		}
	}
	close(fd);
}

void foreign_socket_ranges(struct snapshot *snapshot, const struct descriptors *descriptors,
			   const uint32_t *process_of)
{
	uint32_t *outbound = memory_zeroed(descriptors->process_count, sizeof *outbound);
	uint8_t *sampled = memory_zeroed(descriptors->process_count, sizeof *sampled);
	unsigned suspects = 0;

	for (size_t i = 0; i < descriptors->size; i++)
		if (descriptors->sockets[i].outbound)
			outbound[descriptors->sockets[i].process]++;
	for (size_t i = 0; i < descriptors->process_count; i++)
		if (outbound[i] < SUSPICIOUS_PORTS || process_of[i] == UINT32_MAX ||
		    ++suspects > SUSPECTS)
			sampled[i] = SAMPLES;
	for (size_t i = 0; suspects && i < descriptors->size; i++) {
		const struct descriptor *held = &descriptors->sockets[i];

		if (!held->outbound || sampled[held->process] >= SAMPLES)
			continue;
		sampled[held->process]++;
		sample(&snapshot->processes[process_of[held->process]], held->number);
	}
	free(outbound);
	free(sampled);
}
