#include "source/linux/port_test.h"

#include "base/arena.h"
#include "snapshot/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * A socket confined to one port by IP_LOCAL_PORT_RANGE connects to 127.0.0.1. The kernel chooses
 * the port as for any connect(): it takes it if its bind bucket belongs to connect() (fastreuse and
 * fastreuseport -1), and fails with EADDRNOTAVAIL if a bind() owns it (Linux
 * net/ipv4/inet_hashtables.c, __inet_hash_connect()). With TCP_FASTOPEN_CONNECT the SYN waits for
 * data that never comes (net/ipv4/tcp_fastopen.c, tcp_fastopen_defer_connect()), so nothing is sent
 * and no counter moves. Where Fast Open is off, a SYN goes to a closed loopback port instead and
 * comes back as a reset: the port is taken just the same.
 *
 * The remote port must be none that any entry has, or an entry in TIME_WAIT with the same four
 * numbers would be used up by the test.
 */

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51 /* since Linux 6.3, linux/in.h; missing in Debian 12's libc */
#endif

enum { TESTERS = 2, LONGEST_MS = 1000, PORTS_A_TURN = 64 };

enum answer { OWNED_BY_CONNECT, OWNED_BY_BIND, NO_ANSWER };

struct tester {
	const uint16_t *ports;
	unsigned count;
	uint16_t remote_port;
	atomic_uint *next;
	int64_t deadline_ms;
	uint8_t *answers; /* by index; NO_ANSWER at first */
	int failed;	  /* errno of the last test without an answer */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool has_port(int fd, uint16_t port)
{
	struct sockaddr_in own = { 0 };
	socklen_t size = sizeof own;

	return !getsockname(fd, (struct sockaddr *)&own, &size) && ntohs(own.sin_port) == port;
}

static int open_tester(int *failed)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		*failed = errno;
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, &one, sizeof one);
	return fd;
}

/* connect() to AF_UNSPEC gives the port back and makes the socket new again: less than half the
 * cost of another socket. */
static enum answer ask(int fd, uint16_t port, uint16_t remote_port, int *failed)
{
	struct sockaddr_in nobody = {
		.sin_family = AF_INET,
		.sin_port = htons(remote_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	uint32_t only = (uint32_t)port << 16 | port;
	enum answer answer = NO_ANSWER;

	if (setsockopt(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, &only, sizeof only)) {
		*failed = errno;
		return NO_ANSWER;
	}
	if (!connect(fd, (struct sockaddr *)&nobody, sizeof nobody) || errno == EINPROGRESS ||
	    errno == ECONNREFUSED) {
		if (has_port(fd, port))
			answer = OWNED_BY_CONNECT;
		else
			*failed = ENOPROTOOPT; /* the range was taken but not obeyed */
		connect(fd, &nowhere, sizeof nowhere);
	} else if (errno == EADDRNOTAVAIL) {
		answer = OWNED_BY_BIND;
	} else {
		*failed = errno;
	}
	return answer;
}

static void *test_ports(void *context)
{
	struct tester *tester = context;
	int fd = open_tester(&tester->failed);
	unsigned from;

	if (fd < 0)
		return NULL;

	while ((from = atomic_fetch_add(tester->next, PORTS_A_TURN)) < tester->count &&
	       now_ms() < tester->deadline_ms) {
		for (unsigned i = from; i < tester->count && i < from + PORTS_A_TURN; i++)
			tester->answers[i] = (uint8_t)ask(
				fd, tester->ports[i], tester->remote_port, &tester->failed);
	}
	close(fd);
	return NULL;
}

/* A low port, so that no program's own choice is likely to meet it. */
static uint16_t unused_remote_port(const struct netns *netns,
				   const struct port_set *remote_ports)
{
	for (uint16_t port = 1; port < 1024; port++)
		if (!port_set_has(remote_ports, port) &&
		    !port_set_has(&netns->listening[PROTOCOL_TCP], port))
			return port;
	return 0;
}

static const char *why_untested(int failed)
{
	switch (failed) {
	case 0:
		return "the port test was ended after a second";
	case ENOPROTOOPT:
		return "this kernel has no IP_LOCAL_PORT_RANGE to test single ports with";
	case ENETUNREACH:
	case ENETDOWN:
		return "the loopback interface is down, so single ports cannot be tested";
	case EMFILE:
	case ENFILE:
		return "no descriptor is left to test single ports with";
	case EPERM:
	case EACCES:
		return "a security policy refuses the port test";
	default:
		return "the port test got no answer";
	}
}

void port_test(struct netns *netns, const struct port_set *ports,
	       const struct port_set *remote_ports)
{
	uint16_t *list = memory_zeroed(ports->count, sizeof *list);
	uint8_t *answers = memory_zeroed(ports->count, sizeof *answers);
	struct tester testers[TESTERS] = { 0 };
	atomic_uint next = 0;
	unsigned count = 0;
	uint16_t remote_port = unused_remote_port(netns, remote_ports);
	pthread_t thread;
	bool threaded;

	port_set_each(port, ports)
		if (port_range_contains(netns->settings.range, (uint16_t)port))
			list[count++] = (uint16_t)port;
	if (count && !remote_port)
		netns->untested_why = "every low port is somebody's remote port";
	if (!count || !remote_port)
		goto out;
	memset(answers, NO_ANSWER, count);
	for (int i = 0; i < TESTERS; i++)
		testers[i] = (struct tester){
			.ports = list,
			.count = count,
			.remote_port = remote_port,
			.next = &next,
			.deadline_ms = now_ms() + LONGEST_MS,
			.answers = answers,
		};
	/* A thread inherits the namespace of the one that starts it. */
	threaded = count > PORTS_A_TURN &&
		   !pthread_create(&thread, NULL, test_ports, &testers[1]);
	test_ports(&testers[0]);
	if (threaded)
		pthread_join(thread, NULL);
	for (unsigned i = 0; i < count; i++) {
		if (answers[i] == NO_ANSWER)
			netns->untested_why = why_untested(
				testers[0].failed ? testers[0].failed : testers[1].failed);
		else
			port_set_add(answers[i] == OWNED_BY_BIND ? &netns->tested_bind :
								   &netns->tested_connect,
				     list[i]);
	}
out:
	free(list);
	free(answers);
}
