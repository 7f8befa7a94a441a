/*
 * Connections that come and go, of which it says exactly how many there were and on which ports.
 *
 *     churn serve PORT                        accepts on every address, closes when the peer has closed
 *     churn [OPTION] connect ADDRESS PORT COUNT RATE
 *                                             opens and closes COUNT, RATE a second, and ends
 *     churn [OPTION] hold ADDRESS PORT COUNT  opens COUNT, closes them at the end of its input
 *     churn [OPTION] try ADDRESS PORT COUNT   as connect, as fast as it goes, whether it works or not
 *
 * Options: --pid N takes that process number; --pid-namespace runs in one of its own. The first line is
 * "begun PID", seen from outside; `hold` says "held" when it has them all. At the end: "made COUNT failed
 * COUNT" and "ports PORT...".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 200000, LIFETIME_S = 300 };

struct target {
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} address;
	socklen_t size;
};

/* Where a socket's port stands, whatever its family. */
static unsigned port_of(int fd)
{
	struct target local = { .size = sizeof local.address };

	if (getsockname(fd, &local.address.any, &local.size) < 0)
		err(1, "getsockname");
	return ntohs(local.address.four.sin_port); /* at the same place in both */
}

static struct target parse_target(const char *address, const char *port)
{
	struct target target = { 0 };
	uint16_t number = htons((uint16_t)atoi(port));

	if (inet_pton(AF_INET, address, &target.address.four.sin_addr) == 1) {
		target.address.four.sin_family = AF_INET;
		target.address.four.sin_port = number;
		target.size = sizeof target.address.four;
	} else if (inet_pton(AF_INET6, address, &target.address.six.sin6_addr) == 1) {
		target.address.six.sin6_family = AF_INET6;
		target.address.six.sin6_port = number;
		target.size = sizeof target.address.six;
	} else {
		errx(2, "%s: no address", address);
	}
	return target;
}

/* -1 with errno. */
static int open_to(const struct target *target)
{
	int fd = socket(target->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), failed;

	if (fd < 0)
		err(1, "socket");
	if (!connect(fd, &target->address.any, target->size))
		return fd;
	failed = errno;
	close(fd);
	errno = failed;
	return -1;
}

/* ---- the server ---- */

static void take_all(int queue, int listener)
{
	struct epoll_event event = { .events = EPOLLIN };

	while ((event.data.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
	       0)
		if (epoll_ctl(queue, EPOLL_CTL_ADD, event.data.fd, &event) < 0)
			err(1, "epoll_ctl");
}

static void serve(const char *port)
{
	struct target target = parse_target("::", port);
	int listener = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int queue = epoll_create1(EPOLL_CLOEXEC), on = 1, off = 0;
	struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (listener < 0 || queue < 0 || bind(listener, &target.address.any, target.size) ||
	    listen(listener, 4096) || epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event))
		err(1, "serve");
	puts("ready");
	fflush(stdout);
	for (;;) {
		if (epoll_wait(queue, &event, 1, -1) != 1)
			continue;
		if (event.data.fd == listener)
			take_all(queue, listener);
		else
			close(event.data.fd); /* the peer sends nothing: it has closed */
	}
}

/* ---- clients ---- */

static unsigned ports[MOST], made, failed;

static void report(void)
{
	printf("made %u failed %u\nports", made, failed);
	for (unsigned i = 0; i < made; i++)
		printf(" %u", ports[i]);
	puts("");
	fflush(stdout);
}

static void sleep_until(const struct timespec *begin, double seconds)
{
	struct timespec at = *begin;

	at.tv_sec += (time_t)seconds;
	at.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

static void connect_all(const struct target *target, unsigned count, double rate, bool try)
{
	struct timespec begin;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (unsigned i = 0; i < count; i++) {
		int fd;

		if (rate > 0)
			sleep_until(&begin, i / rate);
		fd = open_to(target);
		if (fd >= 0) {
			ports[made++] = port_of(fd);
			close(fd);
		} else if (try && errno == EADDRNOTAVAIL) {
			failed++;
		} else {
			err(1, "connect");
		}
	}
}

static void hold_all(const struct target *target, unsigned count)
{
	int *fds = calloc(count, sizeof *fds);
	char byte;

	if (!fds)
		err(1, "calloc");
	for (unsigned i = 0; i < count; i++) {
		fds[i] = open_to(target);
		if (fds[i] < 0)
			err(1, "connect");
		ports[made++] = port_of(fds[i]);
	}
	puts("held");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
	free(fds);
}

static int work(int argc, char **argv)
{
	struct target target;
	unsigned count;

	if (argc < 4)
		errx(2, "usage: see the head of the source");
	target = parse_target(argv[1], argv[2]);
	count = (unsigned)strtoul(argv[3], NULL, 10);
	if (count > MOST)
		errx(2, "more than %d", MOST);
	if (!strcmp(argv[0], "hold"))
		hold_all(&target, count);
	else
		connect_all(&target, count, argc > 4 ? atof(argv[4]) : 0,
			    !strcmp(argv[0], "try"));
	report();
	return 0;
}

/* ---- in another process: with a number, or a namespace of numbers ---- */

static pid_t fork_as(pid_t wanted, bool namespace)
{
	struct clone_args arguments = { .exit_signal = SIGCHLD };

	if (wanted) {
		arguments.set_tid = (uint64_t)(uintptr_t)&wanted;
		arguments.set_tid_size = 1;
	}
	if (namespace)
		arguments.flags = CLONE_NEWPID;
	return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

int main(int argc, char **argv)
{
	struct rlimit files = { MOST, MOST };
	bool namespace = false;
	pid_t wanted = 0, child;
	int status, told[2], at = 1;
	char byte;

	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(LIFETIME_S);
	setrlimit(RLIMIT_NOFILE, &files);
	if (argc > 2 && !strcmp(argv[at], "serve"))
		serve(argv[2]);
	if (argc > at + 1 && !strcmp(argv[at], "--pid")) {
		wanted = (pid_t)atoi(argv[at + 1]);
		at += 2;
	} else if (argc > at && !strcmp(argv[at], "--pid-namespace")) {
		namespace = true;
		at++;
	}
	if (!wanted && !namespace) {
		printf("begun %d\n", getpid());
		fflush(stdout);
		return work(argc - at, argv + at);
	}
	if (pipe(told))
		err(1, "pipe");
	child = fork_as(wanted, namespace);
	if (child < 0)
		err(1, "clone3");
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(told[1]);
		if (read(told[0], &byte, 1)) /* until its number is told */
			exit(1);
		exit(work(argc - at, argv + at));
	}
	printf("begun %d\n", child);
	fflush(stdout);
	close(told[1]);
	if (waitpid(child, &status, 0) < 0)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
