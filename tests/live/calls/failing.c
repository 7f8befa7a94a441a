/*
 * Calls that fail because the range has no port left.
 */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "give_up.h"

static int open_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		give_up("socket: %s", strerror(errno));
	return fd;
}

static void fail_connect(int family, int type, const void *address, socklen_t size, int error)
{
	int fd = open_socket(family, type);

	calls_expect("connect", connect(fd, address, size), error);
	close(fd);
}

static void connect_ipv4(unsigned index)
{
	struct sockaddr_in to = calls_ipv4("127.0.0.1", FAILING_PORT);

	(void)index;
	fail_connect(AF_INET, SOCK_STREAM, &to, sizeof to, EADDRNOTAVAIL);
}

static void connect_ipv6(unsigned index)
{
	struct sockaddr_in6 to = calls_ipv6("::1", FAILING_PORT);

	(void)index;
	fail_connect(AF_INET6, SOCK_STREAM, &to, sizeof to, EADDRNOTAVAIL);
}

/* An IPv6 socket to an IPv4 address. */
static void connect_mapped(unsigned index)
{
	struct sockaddr_in6 to = calls_ipv6("::ffff:127.0.0.1", FAILING_PORT);

	(void)index;
	fail_connect(AF_INET6, SOCK_STREAM, &to, sizeof to, EADDRNOTAVAIL);
}

static void connect_nonblocking(unsigned index)
{
	struct sockaddr_in to = calls_ipv4(SILENT_HOST, FAILING_PORT);

	(void)index;
	fail_connect(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, &to, sizeof to, EADDRNOTAVAIL);
}

/* Made while there were ports: each was connected once, and has the number of its old port still. */
static int stale = -1;

static void prepare_stale(void)
{
	struct sockaddr_in closed = calls_ipv4("127.0.0.1", CLOSED_PORT);

	if (stale >= 0)
		close(stale);
	stale = open_socket(AF_INET, SOCK_STREAM);
	calls_expect("connect", connect(stale, (void *)&closed, sizeof closed), ECONNREFUSED);
}

static void connect_again(unsigned index)
{
	struct sockaddr_in to = calls_ipv4("127.0.0.1", FAILING_PORT);

	(void)index;
	calls_expect("connect", connect(stale, (void *)&to, sizeof to), EADDRNOTAVAIL);
}

static void bind_any(int type, const void *address, socklen_t size, int family)
{
	int fd = open_socket(family, type);

	calls_expect("bind", bind(fd, address, size), EADDRINUSE);
	close(fd);
}

static void bind_tcp(unsigned index)
{
	struct sockaddr_in here = calls_ipv4("127.0.0.7", 0);

	(void)index;
	bind_any(SOCK_STREAM, &here, sizeof here, AF_INET);
}

static void bind_tcp6(unsigned index)
{
	struct sockaddr_in6 here = calls_ipv6("::1", 0);

	(void)index;
	bind_any(SOCK_STREAM, &here, sizeof here, AF_INET6);
}

static void bind_udp(unsigned index)
{
	struct sockaddr_in here = calls_ipv4("127.0.0.7", 0);

	(void)index;
	bind_any(SOCK_DGRAM, &here, sizeof here, AF_INET);
}

/* Where the address lies is the program's affair. */
static void bind_from_heap(unsigned index)
{
	struct sockaddr_in *here = malloc(sizeof *here);

	(void)index;
	if (!here)
		give_up("no memory");
	*here = calls_ipv4("127.0.0.7", 0);
	bind_any(SOCK_STREAM, here, sizeof *here, AF_INET);
	free(here);
}

static void listen_unbound(unsigned index)
{
	int fd = open_socket(AF_INET, SOCK_STREAM);

	(void)index;
	calls_expect("listen", listen(fd, 5), EADDRINUSE);
	close(fd);
}

static void udp_connect(unsigned index)
{
	struct sockaddr_in to = calls_ipv4("127.0.0.1", FAILING_PORT);

	(void)index;
	fail_connect(AF_INET, SOCK_DGRAM, &to, sizeof to, EAGAIN);
}

static void udp_connect6(unsigned index)
{
	struct sockaddr_in6 to = calls_ipv6("::1", FAILING_PORT);

	(void)index;
	fail_connect(AF_INET6, SOCK_DGRAM, &to, sizeof to, EAGAIN);
}

static void udp_sendto(unsigned index)
{
	struct sockaddr_in to = calls_ipv4("127.0.0.1", FAILING_PORT);
	int fd = open_socket(AF_INET, SOCK_DGRAM);

	(void)index;
	calls_expect("sendto", sendto(fd, "x", 1, 0, (void *)&to, sizeof to), EAGAIN);
	close(fd);
}

static void udp_sendmsg(unsigned index)
{
	struct sockaddr_in6 to = calls_ipv6("::1", FAILING_PORT);
	struct iovec part = { .iov_base = (void *)"x", .iov_len = 1 };
	struct msghdr message = {
		.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1
	};
	int fd = open_socket(AF_INET6, SOCK_DGRAM);

	(void)index;
	calls_expect("sendmsg", sendmsg(fd, &message, 0), EAGAIN);
	close(fd);
}

static void udp_sendmmsg(unsigned index)
{
	struct sockaddr_in to = calls_ipv4("127.0.0.1", FAILING_PORT);
	struct iovec part = { .iov_base = (void *)"x", .iov_len = 1 };
	struct mmsghdr messages[2] = {
		{ .msg_hdr = { .msg_name = &to,
			       .msg_namelen = sizeof to,
			       .msg_iov = &part,
			       .msg_iovlen = 1 } },
	};
	int fd = open_socket(AF_INET, SOCK_DGRAM);

	(void)index;
	messages[1] = messages[0];
	calls_expect("sendmmsg", sendmmsg(fd, messages, 2, 0), EAGAIN);
	close(fd);
}

/* A process that has ended by the time anybody looks. */
static void connect_in_child(unsigned index)
{
	pid_t child = fork();

	if (!child) {
		connect_ipv4(index);
		_exit(0);
	}
	if (child < 0 || waitpid(child, NULL, 0) != child)
		give_up("fork: %s", strerror(errno));
}

const struct call_kind failing_calls[] = {
	{ "connect", connect_ipv4, NULL },
	{ "connect6", connect_ipv6, NULL },
	{ "connect_mapped", connect_mapped, NULL },
	{ "connect_nonblocking", connect_nonblocking, NULL },
	{ "connect_again", connect_again, NULL },
	{ "connect_in_child", connect_in_child, NULL },
	{ "bind", bind_tcp, NULL },
	{ "bind6", bind_tcp6, NULL },
	{ "bind_udp", bind_udp, NULL },
	{ "bind_from_heap", bind_from_heap, NULL },
	{ "listen", listen_unbound, NULL },
	{ "udp_connect", udp_connect, NULL },
	{ "udp_connect6", udp_connect6, NULL },
	{ "udp_sendto", udp_sendto, NULL },
	{ "udp_sendmsg", udp_sendmsg, NULL },
	{ "udp_sendmmsg", udp_sendmmsg, NULL },
	{ "prepare_stale", NULL, prepare_stale }, /* while there are ports */
	{ NULL, NULL, NULL },
};
