#include "source/linux/sockets/port_test.h"

#include "base/arena.h"
#include "base/language.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * A socket confined to one port by IP_LOCAL_PORT_RANGE connects over loopback. The kernel chooses
 * the port as for any connect(): it takes it if its bind bucket belongs to connect() (fastreuse and
 * fastreuseport -1), and fails with EADDRNOTAVAIL if a bind() owns it (Linux
 * net/ipv4/inet_hashtables.c, __inet_hash_connect()). With TCP_FASTOPEN_CONNECT the SYN waits for
 * data that never comes (net/ipv4/tcp_fastopen.c, tcp_fastopen_defer_connect()), so nothing is sent
 * and no counter moves. Where Fast Open is off, a SYN goes to a closed loopback port instead and
 * comes back as a reset: the port is taken just the same.
 *
 * Both ends are an address of 127.0.0.0/8 that nobody is likely to use, a new one for every test
 * run. So no entry has the same four numbers: two portrooms do not meet, an entry in TIME_WAIT is
 * not used up, and a bind() to 127.0.0.1 that comes at the same moment finds its port free. The
 * address is bound with IP_BIND_ADDRESS_NO_PORT, which takes no port, and which fails where
 * loopback is not there, instead of letting a SYN out to the network.
 */

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51 /* since Linux 6.3, linux/in.h; missing in Debian 12's libc */
#endif

enum { TESTERS = 2, LONGEST_MS = 1000, PORTS_A_TURN = 64 };

enum answer { OWNED_BY_CONNECT, OWNED_BY_BIND, NO_ANSWER };

struct tester {
	const uint16_t *ports;
	unsigned count;
	struct sockaddr_in end; /* both ends, and the remote port */
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

static int open_tester(const struct sockaddr_in *end, int *failed)
{
	struct sockaddr_in own = *end;
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	own.sin_port = 0;
	if (fd < 0) {
		*failed = errno;
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, &one, sizeof one);
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one) ||
	    bind(fd, (struct sockaddr *)&own, sizeof own)) {
		*failed = errno;
		close(fd);
		return -1;
	}
	return fd;
}

/* 0, or the errno of connect(); the port is given back at once. connect() to AF_UNSPEC makes the
 * socket new again, at less than half the cost of another socket. */
static int take_and_return(int fd, uint16_t port, const struct sockaddr_in *end)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	int result = 0;

	if (connect(fd, (const struct sockaddr *)end, sizeof *end) && errno != EINPROGRESS &&
	    errno != ECONNREFUSED)
		return errno;
	if (!has_port(fd, port))
		result = ENOPROTOOPT; /* the range was taken but not obeyed */
	connect(fd, &nowhere, sizeof nowhere);
	return result;
}

static enum answer ask(int fd, uint16_t port, const struct sockaddr_in *end, int *failed)
{
	struct sockaddr_in other = *end;
	uint32_t only = (uint32_t)port << 16 | port;
	int result;

	if (setsockopt(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, &only, sizeof only)) {
		*failed = errno;
		return NO_ANSWER;
	}
	result = take_and_return(fd, port, end);
	if (result == EADDRNOTAVAIL) {
		/* Only bind() refuses every destination: the same four numbers refuse but one. */
		other.sin_port = htons((uint16_t)(ntohs(end->sin_port) + 1));
		result = take_and_return(fd, port, &other);
	}
	if (!result)
		return OWNED_BY_CONNECT;
	if (result == EADDRNOTAVAIL)
		return OWNED_BY_BIND;
	*failed = result;
	return NO_ANSWER;
}

static void *test_ports(void *context)
{
	struct tester *tester = context;
	int fd = open_tester(&tester->end, &tester->failed);
	unsigned from;

	if (fd < 0)
		return NULL;

	while ((from = atomic_fetch_add(tester->next, PORTS_A_TURN)) < tester->count &&
	       now_ms() < tester->deadline_ms) {
		for (unsigned i = from; i < tester->count && i < from + PORTS_A_TURN; i++)
			tester->answers[i] = (uint8_t)ask(fd, tester->ports[i], &tester->end,
							  &tester->failed);
	}
	close(fd);
	return NULL;
}

/* 127.64.0.0 to 127.127.255.255, and a low port, which no program chooses for itself. */
static struct sockaddr_in random_end(void)
{
	uint32_t noise = 0;

	/* Without randomness two test runs might meet; the second question sorts that out. */
	if (getrandom(&noise, sizeof noise, GRND_NONBLOCK) != sizeof noise)
		noise = (uint32_t)getpid();
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(1),
		.sin_addr.s_addr = htonl(UINT32_C(0x7f400000) | (noise & 0x3fffff)),
	};
}

static const char *why_untested(int failed)
{
	switch (failed) {
	case 0:
		return _("the port test was ended after a second");
	case ENOPROTOOPT:
		return _("this kernel has no IP_LOCAL_PORT_RANGE to test single ports with");
	case EADDRNOTAVAIL:
	case ENETUNREACH:
	case ENETDOWN:
		return _("the loopback interface is down, so single ports cannot be tested");
	case EMFILE:
	case ENFILE:
		return _("no descriptor is left to test single ports with");
	case EPERM:
	case EACCES:
		return _("a security policy refuses the port test");
	default:
		return _("the port test got no answer");
	}
}

void port_test(struct netns *netns, const struct port_set *ports)
{
	uint16_t *list = memory_zeroed(ports->count, sizeof *list);
	uint8_t *answers = memory_zeroed(ports->count, sizeof *answers);
	struct tester testers[TESTERS] = { 0 };
	atomic_uint next = 0;
	unsigned count = 0;
	pthread_t thread;
	bool threaded;

	port_set_each(port, ports)
		if (port_range_contains(netns->settings.range, (uint16_t)port))
			list[count++] = (uint16_t)port;
	memset(answers, NO_ANSWER, count);
	for (int i = 0; i < TESTERS; i++)
		testers[i] = (struct tester){
			.ports = list,
			.count = count,
			.end = random_end(),
			.next = &next,
			.deadline_ms = now_ms() + LONGEST_MS,
			.answers = answers,
		};
	/* A thread inherits the namespace of the one that starts it. */
	threaded = count > PORTS_A_TURN &&
		   !pthread_create(&thread, NULL, test_ports, &testers[1]);
	if (count)
		test_ports(&testers[0]);
	if (threaded)
		pthread_join(thread, NULL);
	for (unsigned i = 0; i < count; i++) {
		if (answers[i] == NO_ANSWER)
			netns->untested_why = why_untested(
				testers[0].failed ? testers[0].failed : testers[1].failed);
		else
			port_set_add(answers[i] == OWNED_BY_BIND ? &netns->known_bind :
								   &netns->known_connect,
				     list[i]);
	}
	free(list);
	free(answers);
}
