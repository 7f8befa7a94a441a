#include "give_up.h"
#include "namespace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Sockets that stay among sockets that come and go: a reader of the tables must count each of the
 * first exactly once, whatever happens around them.
 *
 *     markers CONNECTIONS CHURNERS
 *
 * In a network namespace of its own, makes so many connections to port MARKED and keeps both ends, and
 * starts so many processes that connect to a port of their own and close again, half of them by a
 * reset, as fast as they can. Prints "ready pid=PID"; when standard input ends, "cycles=N seconds=S".
 */
enum { MARKED = 9001, FIRST_CHURNED = 9010, MOST_CHURNERS = 16 };

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int listener(uint16_t port)
{
	struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) ||
	    listen(fd, 4096))
		give_up("cannot listen on port %u: %s", port, strerror(errno));
	return fd;
}

static void make_connections(unsigned count)
{
	struct sockaddr_in address = loopback(MARKED);
	int server = listener(MARKED);

	for (unsigned i = 0; i < count; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) ||
		    accept(server, NULL, NULL) < 0)
			give_up("connection %u cannot be made: %s", i, strerror(errno));
	}
	close(server);
}

/* Ports in TIME_WAIT are taken over at once, and there are at most 20,000: it never runs out of them. */
static _Noreturn void churn(uint16_t port, _Atomic unsigned long *cycles)
{
	struct linger reset = { .l_onoff = 1 };
	int server = listener(port), fd, accepted;
	struct sockaddr_in address = loopback(port);

	for (unsigned long i = 0;; i++) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
			give_up("churning on port %u: %s", port, strerror(errno));
		accepted = accept(server, NULL, NULL);
		if (i % 2)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		close(fd);
		close(accepted);
		atomic_fetch_add(cycles, 1);
	}
}

static void raise_limit(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	unsigned connections = argc == 3 ? (unsigned)atoi(argv[1]) : 0;
	unsigned churners = argc == 3 ? (unsigned)atoi(argv[2]) : 0;
	pid_t children[MOST_CHURNERS];
	_Atomic unsigned long *cycles;
	char ignored[64];
	double start;

	if (!connections || churners > MOST_CHURNERS)
		give_up("usage: markers CONNECTIONS CHURNERS");
	namespace_enter(10000, 65535);
	namespace_sysctl("tcp_tw_reuse", "1");
	if (namespace_has_sysctl("tcp_tw_reuse_delay"))
		namespace_sysctl("tcp_tw_reuse_delay", "1");
	namespace_sysctl("tcp_max_tw_buckets", "20000");
	raise_limit();
	cycles = mmap(NULL, sizeof *cycles, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (cycles == MAP_FAILED)
		give_up("no memory");
	make_connections(connections);
	for (unsigned i = 0; i < churners; i++) {
		children[i] = fork();
		if (!children[i])
			churn((uint16_t)(FIRST_CHURNED + i), cycles);
	}
	printf("ready pid=%d\n", getpid());
	fflush(stdout);
	start = now_s();
	*cycles = 0;
	while (read(STDIN_FILENO, ignored, sizeof ignored) > 0)
		;
	printf("cycles=%lu seconds=%.1f\n", *cycles, now_s() - start);
	for (unsigned i = 0; i < churners; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	return 0;
}
