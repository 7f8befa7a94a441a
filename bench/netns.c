#define _GNU_SOURCE
#include "netns.h"

#include <err.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void set(const char *name, const char *value)
{
	char path[128];

	/* /proc/sys/net shows the namespace of the process that opens it. */
	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		err(1, "%s: cannot set it to %s", path, value);
	close(fd);
}

static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		err(1, "cannot raise lo in the new network namespace");
	close(fd);
}

int netns_make(unsigned long time_wait_limit)
{
	char limit[32], range[32];

	if (unshare(CLONE_NEWNET) < 0)
		err(1, "cannot make a network namespace (root is needed)");
	snprintf(limit, sizeof(limit), "%lu", time_wait_limit);
	snprintf(range, sizeof(range), "%d %d", NETNS_FIRST_PORT, NETNS_LAST_PORT);
	set("tcp_max_tw_buckets", limit);
	set("tcp_tw_reuse", "0");
	set("ip_local_port_range", range);
	raise_loopback();

	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "/proc/self/ns/net");
	return fd;
}

void netns_enter(int netns)
{
	if (setns(netns, CLONE_NEWNET) < 0)
		err(1, "cannot enter a network namespace of the load");
}

struct netns_count netns_count(void)
{
	struct netns_count count = { 0 };
	char line[256];
	int found = 0;
	FILE *file = fopen("/proc/self/net/sockstat", "re");

	if (!file)
		err(1, "/proc/self/net/sockstat");
	while (!found && fgets(line, sizeof(line), file))
		found = sscanf(line, "TCP: inuse %lu orphan %*u tw %lu", &count.sockets,
			       &count.time_wait) == 2;
	fclose(file);
	if (!found)
		errx(1, "/proc/self/net/sockstat: no line for TCP");
	return count;
}
