/*
 * Calls that succeed, or fail for another reason than a lack of ports: some with the same error.
 */
#include "calls.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "give_up.h"
#include "namespace.h"

enum { PENDING_MAX = 65536 };

static int open_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		give_up("socket: %s", strerror(errno));
	return fd;
}

static void allow_sharing(int fd)
{
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		give_up("SO_REUSEADDR: %s", strerror(errno));
}

/* Ends a connection by a reset: no TIME_WAIT. */
static void close_at_once(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

static void succeed(unsigned index)
{
	struct sockaddr_in to = calls_ipv4("127.0.0.1", OPEN_PORT);
	int fd = open_socket(AF_INET, SOCK_STREAM);

	(void)index;
	calls_expect("connect", connect(fd, (void *)&to, sizeof to), 0);
	close_at_once(fd);
}

static void succeed_bound(unsigned index)
{
	struct sockaddr_in to = calls_ipv4("127.0.0.1", OPEN_PORT);
	struct sockaddr_in here = calls_ipv4("127.0.0.1", 0);
	int fd = open_socket(AF_INET, SOCK_STREAM);

	(void)index;
	calls_expect("bind", bind(fd, (void *)&here, sizeof here), 0);
	calls_expect("connect", connect(fd, (void *)&to, sizeof to), 0);
	close_at_once(fd);
}

static void refused(unsigned index)
{
	struct sockaddr_in to = calls_ipv4("127.0.0.1", CLOSED_PORT);
	int fd = open_socket(AF_INET, SOCK_STREAM);

	(void)index;
	calls_expect("connect", connect(fd, (void *)&to, sizeof to), ECONNREFUSED);
	close(fd);
}

/* On one socket, again and again: each attempt begins with the number of the last port. */
static void refused_again(unsigned index)
{
	static __thread int fd = -1;
	struct sockaddr_in6 to = calls_ipv6("::1", CLOSED_PORT);

	(void)index;
	if (fd < 0)
		fd = open_socket(AF_INET6, SOCK_STREAM);
	calls_expect("connect", connect(fd, (void *)&to, sizeof to), ECONNREFUSED);
}

/* All at once; each gives up after the retries that the namespace allows. */
static int pending[PENDING_MAX];
static unsigned pending_count;

static void prepare_timeouts(void)
{
	for (unsigned i = 0; i < pending_count; i++) {
		struct pollfd wait = { .fd = pending[i] };
		int error;
		socklen_t size = sizeof error;

		if (poll(&wait, 1, 60000) < 1 ||
		    getsockopt(pending[i], SOL_SOCKET, SO_ERROR, &error, &size) ||
		    error != ETIMEDOUT)
			give_up("a connection did not time out");
		close(pending[i]);
	}
	pending_count = 0;
}

static void timed_out(unsigned index)
{
	struct sockaddr_in to = calls_ipv4(SILENT_HOST, CLOSED_PORT);
	int fd = open_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);

	(void)index;
	calls_expect("connect", connect(fd, (void *)&to, sizeof to), EINPROGRESS);
	if (pending_count == PENDING_MAX)
		give_up("too many connections at once");
	pending[pending_count++] = fd;
}

/* Closed before any answer, by the thread that connected. */
static void given_up(unsigned index)
{
	struct sockaddr_in to = calls_ipv4(SILENT_HOST, CLOSED_PORT);
	int fd = open_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);

	(void)index;
	calls_expect("connect", connect(fd, (void *)&to, sizeof to), EINPROGRESS);
	close(fd);
}

/* The same without closing: connect() to nowhere takes the attempt back. */
static void taken_back(unsigned index)
{
	static __thread int fd = -1;
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	struct sockaddr_in to = calls_ipv4(SILENT_HOST, CLOSED_PORT);

	(void)index;
	if (fd < 0)
		fd = open_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
	calls_expect("connect", connect(fd, (void *)&to, sizeof to), EINPROGRESS);
	calls_expect("connect", connect(fd, &nowhere, sizeof nowhere), 0);
}

/* A port asked for by number, with a connection from it to the same place: EADDRNOTAVAIL. */
static void prepare_clash(void)
{
	static int first = -1;
	struct sockaddr_in here = calls_ipv4("127.0.0.1", CLASH_PORT);
	struct sockaddr_in to = calls_ipv4("127.0.0.1", OPEN_PORT);

	if (first >= 0)
		return;
	first = open_socket(AF_INET, SOCK_STREAM);
	allow_sharing(first);
	calls_expect("bind", bind(first, (void *)&here, sizeof here), 0);
	calls_expect("connect", connect(first, (void *)&to, sizeof to), 0);
}

static void clash(unsigned index)
{
	struct sockaddr_in here = calls_ipv4("127.0.0.1", CLASH_PORT);
	struct sockaddr_in to = calls_ipv4("127.0.0.1", OPEN_PORT);
	int fd = open_socket(AF_INET, SOCK_STREAM);

	(void)index;
	allow_sharing(fd);
	calls_expect("bind", bind(fd, (void *)&here, sizeof here), 0);
	calls_expect("connect", connect(fd, (void *)&to, sizeof to), EADDRNOTAVAIL);
	close(fd);
}

/* With ip_autobind_reuse=1 bind() to port 0 may give two sockets one port, and the second cannot connect to
 * where the first is: it had a port. */
static void prepare_clash_chosen(void)
{
	static int first = -1;
	struct sockaddr_in here = calls_ipv4("127.0.0.1", 0);
	struct sockaddr_in to = calls_ipv4("127.0.0.1", OPEN_PORT);

	if (first >= 0)
		return;
	namespace_sysctl("ip_autobind_reuse", "1");
	namespace_sysctl("ip_local_port_range", "30000 30001");
	for (int i = 0; i < 2; i++) {
		first = open_socket(AF_INET, SOCK_STREAM);
		allow_sharing(first);
		calls_expect("bind", bind(first, (void *)&here, sizeof here), 0);
		calls_expect("connect", connect(first, (void *)&to, sizeof to), 0);
	}
}

static void clash_chosen(unsigned index)
{
	struct sockaddr_in here = calls_ipv4("127.0.0.1", 0);
	struct sockaddr_in to = calls_ipv4("127.0.0.1", OPEN_PORT);
	int fd = open_socket(AF_INET, SOCK_STREAM);

	(void)index;
	allow_sharing(fd);
	calls_expect("bind", bind(fd, (void *)&here, sizeof here), 0);
	calls_expect("connect", connect(fd, (void *)&to, sizeof to), EADDRNOTAVAIL);
	close(fd);
}

static void restore_range(void)
{
	namespace_sysctl("ip_autobind_reuse", "0");
	namespace_sysctl("ip_local_port_range", "10000 59999");
}

/* A port asked for by number that another has: EADDRINUSE. */
static void bind_conflict(unsigned index)
{
	struct sockaddr_in here = calls_ipv4("127.0.0.1", OPEN_PORT);
	int fd = open_socket(AF_INET, SOCK_STREAM);

	(void)index;
	calls_expect("bind", bind(fd, (void *)&here, sizeof here), EADDRINUSE);
	close(fd);
}

/* Two may bind, but not listen: EADDRINUSE. */
static void listen_conflict(unsigned index)
{
	struct sockaddr_in here = calls_ipv4("127.0.0.1", FAILING_PORT);
	int fds[2];

	(void)index;
	for (int i = 0; i < 2; i++) {
		fds[i] = open_socket(AF_INET, SOCK_STREAM);
		allow_sharing(fds[i]);
		calls_expect("bind", bind(fds[i], (void *)&here, sizeof here), 0);
	}
	calls_expect("listen", listen(fds[0], 1), 0);
	calls_expect("listen", listen(fds[1], 1), EADDRINUSE);
	close(fds[0]);
	close(fds[1]);
}

static void listen_and_close(unsigned index)
{
	int fd = open_socket(AF_INET, SOCK_STREAM);

	(void)index;
	calls_expect("listen", listen(fd, 1), 0);
	close(fd);
}

/* shutdown() takes a listener's port away; the socket remembers its number. */
static void listen_and_shut(unsigned index)
{
	static __thread int fd = -1;

	(void)index;
	if (fd < 0)
		fd = open_socket(AF_INET, SOCK_STREAM);
	calls_expect("listen", listen(fd, 1), 0);
	calls_expect("shutdown", shutdown(fd, SHUT_RD), 0);
}

/* Packets wait for a neighbour that is not there, until the buffer is full: EAGAIN. */
static void udp_full_buffer(unsigned index)
{
	static __thread int fd = -1;
	static const char data[1024];
	const int small = 1;
	struct sockaddr_in to = calls_ipv4("10.99.0.77", FAILING_PORT);

	(void)index;
	if (fd < 0) {
		fd = open_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK);
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	}
	for (int i = 0; i < 1000; i++)
		if (sendto(fd, data, sizeof data, 0, (void *)&to, sizeof to) < 0) {
			calls_expect("sendto", -1, EAGAIN);
			return;
		}
	give_up("the buffer is never full");
}

static void udp_succeed(unsigned index)
{
	struct sockaddr_in to = calls_ipv4("127.0.0.1", CLOSED_PORT);
	int fd = open_socket(AF_INET, SOCK_DGRAM);

	(void)index;
	calls_expect("sendto", sendto(fd, "x", 1, 0, (void *)&to, sizeof to), 0);
	close(fd);
	fd = open_socket(AF_INET, SOCK_DGRAM);
	calls_expect("connect", connect(fd, (void *)&to, sizeof to), 0);
	close(fd);
}

static socklen_t unix_address(struct sockaddr_un *address)
{
	static const char name[] = "\0portroom-calls";

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, name, sizeof name);
	return (socklen_t)(sizeof(sa_family_t) + sizeof name);
}

/* A listener whose queue is full: EAGAIN. */
static void unix_full(unsigned index)
{
	static int listener = -1;
	struct sockaddr_un address;
	socklen_t size = unix_address(&address);
	int fd = open_socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);

	(void)index;
	if (listener < 0) {
		listener = open_socket(AF_UNIX, SOCK_STREAM);
		calls_expect("bind", bind(listener, (void *)&address, size), 0);
		calls_expect("listen", listen(listener, 0), 0);
		calls_expect("connect", connect(fd, (void *)&address, size), 0);
		fd = open_socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
	}
	calls_expect("connect", connect(fd, (void *)&address, size), EAGAIN);
	close(fd);
}

const struct call_kind healthy_calls[] = {
	{ "succeed", succeed, NULL },
	{ "succeed_bound", succeed_bound, NULL },
	{ "refused", refused, NULL },
	{ "refused_again", refused_again, NULL },
	{ "timed_out", timed_out, NULL },
	{ "await_timeouts", NULL, prepare_timeouts },
	{ "given_up", given_up, NULL },
	{ "taken_back", taken_back, NULL },
	{ "clash", clash, prepare_clash },
	{ "clash_chosen", clash_chosen, prepare_clash_chosen },
	{ "restore_range", NULL, restore_range },
	{ "bind_conflict", bind_conflict, NULL },
	{ "listen_conflict", listen_conflict, NULL },
	{ "listen_and_close", listen_and_close, NULL },
	{ "listen_and_shut", listen_and_shut, NULL },
	{ "udp_full_buffer", udp_full_buffer, NULL },
	{ "udp_succeed", udp_succeed, NULL },
	{ "unix_full", unix_full, NULL },
	{ NULL, NULL, NULL },
};
