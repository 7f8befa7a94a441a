/*
 * Makes calls as it is told, in a network namespace of its own.
 *
 *     calls
 *
 * says `READY PID NETNS`, then does what each line of standard input says, and answers `DONE LINE`:
 *
 *     full | free         use the port range up, or have a wide one free
 *     KIND COUNT THREADS  make so many calls of one kind (failing.c, healthy.c)
 */
#include "calls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "give_up.h"
#include "namespace.h"

enum { THREADS_MAX = 64, LIFETIME_S = 600 };

struct sockaddr_in calls_ipv4(const char *address, uint16_t port)
{
	struct sockaddr_in made = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, address, &made.sin_addr) != 1)
		give_up("%s is no IPv4 address", address);
	return made;
}

struct sockaddr_in6 calls_ipv6(const char *address, uint16_t port)
{
	struct sockaddr_in6 made = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (inet_pton(AF_INET6, address, &made.sin6_addr) != 1)
		give_up("%s is no IPv6 address", address);
	return made;
}

void calls_expect(const char *call, long result, int error)
{
	if (error && result >= 0)
		give_up("%s succeeded, but should fail with %s", call, strerrorname_np(error));
	if (result < 0 && errno != error)
		give_up("%s: %s", call, strerror(errno));
}

/* ---- the namespace ---- */

/* Two ports, both held on every address, by TCP and by UDP. */
static int fillers[4] = { -1, -1, -1, -1 };

static void hold_port(int place, int type, uint16_t port)
{
	struct sockaddr_in6 here = calls_ipv6("::", port);

	fillers[place] = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
	calls_expect("bind", bind(fillers[place], (void *)&here, sizeof here), 0);
}

static void make_full(void)
{
	namespace_sysctl("ip_local_port_range", "40000 40001");
	for (int i = 0; i < 4; i++)
		hold_port(i, i / 2 ? SOCK_DGRAM : SOCK_STREAM, (uint16_t)(40000 + i % 2));
}

static void make_free(void)
{
	for (int i = 0; i < 4; i++) {
		close(fillers[i]);
		fillers[i] = -1;
	}
	namespace_sysctl("ip_local_port_range", "10000 59999");
}

/* Nobody accepts: connections that are reset at once do not fill the queue. */
static void *accept_all(void *context)
{
	int listener = (int)(intptr_t)context;

	while (1) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

static void serve(void)
{
	struct sockaddr_in here = calls_ipv4("127.0.0.1", OPEN_PORT);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pthread_t thread;

	calls_expect("bind", bind(listener, (void *)&here, sizeof here), 0);
	calls_expect("listen", listen(listener, 4096), 0);
	if (pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)listener))
		give_up("no thread");
}

static void set_up(void)
{
	struct rlimit limit;

	namespace_enter(10000, 59999);
	namespace_add_veth("near", "far", 0);
	namespace_add_address("near", OWN_ADDRESS, 24);
	namespace_add_silent_neighbour("near", SILENT_HOST);
	namespace_sysctl("tcp_syn_retries", "1");
	if (namespace_has_sysctl("tcp_syn_linear_timeouts"))
		namespace_sysctl("tcp_syn_linear_timeouts", "0");
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	serve();
}

/* ---- what is to be done ---- */

static const struct call_kind *find(const struct call_kind *kinds, const char *name)
{
	while (kinds->name && strcmp(kinds->name, name) != 0)
		kinds++;
	return kinds->name ? kinds : NULL;
}

struct part {
	const struct call_kind *kind;
	unsigned first, end;
};

static void *make_part(void *context)
{
	const struct part *part = context;

	for (unsigned i = part->first; i < part->end; i++)
		part->kind->make(i);
	return NULL;
}

static void make_calls(const struct call_kind *kind, unsigned count, unsigned threads)
{
	struct part parts[THREADS_MAX];
	pthread_t ids[THREADS_MAX];

	if (kind->prepare)
		kind->prepare();
	if (!kind->make)
		return;
	for (unsigned i = 0; i < threads; i++)
		parts[i] =
			(struct part){ kind, count / threads * i,
				       i + 1 == threads ? count : count / threads * (i + 1) };
	/* One thread is the process's own. */
	for (unsigned i = 1; i < threads; i++)
		if (pthread_create(&ids[i], NULL, make_part, &parts[i]))
			give_up("no thread");
	make_part(&parts[0]);
	for (unsigned i = 1; i < threads; i++)
		pthread_join(ids[i], NULL);
}

static void obey(const char *line)
{
	const struct call_kind *kind;
	char name[64];
	unsigned count = 1, threads = 1;

	if (sscanf(line, "%63s %u %u", name, &count, &threads) < 1 || !threads ||
	    threads > THREADS_MAX)
		give_up("what is '%s'?", line);
	if (strcmp(name, "full") == 0) {
		make_full();
		return;
	}
	if (strcmp(name, "free") == 0) {
		make_free();
		return;
	}
	kind = find(failing_calls, name);
	if (!kind)
		kind = find(healthy_calls, name);
	if (!kind)
		give_up("no calls are of the kind '%s'", name);
	make_calls(kind, count, threads);
}

int main(void)
{
	char line[128];

	alarm(LIFETIME_S);
	set_up();
	printf("READY %d %llu\n", getpid(), (unsigned long long)namespace_inode());
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		obey(line);
		printf("DONE %s\n", line);
		fflush(stdout);
	}
	return 0;
}
