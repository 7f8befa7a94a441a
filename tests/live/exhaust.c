/*
 * Repeats one call until it fails, keeping every socket, and prints how often it succeeded and
 * with what it ended: `64410 EADDRNOTAVAIL`. Then everything is given back.
 *
 *     exhaust [--udp] [--bind ADDRESS] [--connect ADDRESS PORT]
 *
 * Together the two are bind() with IP_BIND_ADDRESS_NO_PORT before connect(). Where nobody listens
 * yet, this program does. A connection that was not answered has its port like any other, so no
 * answer is waited for and nobody accepts. No process may have as many descriptors as there are
 * ports: when one is full, the next goes on.
 *
 * connect() looks at every port of one parity before it tries the other: to fill a range of 64 k by
 * plain calls takes minutes, in which the first attempts give up. A large range is therefore first
 * filled slice by slice with IP_LOCAL_PORT_RANGE, which changes where the kernel looks and not what
 * it may use; plain calls then take what is left, and end it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "give_up.h"
#include "holder.h"
#include "truth.h"

enum { FILLERS_MAX = 80, DESCRIPTORS_MAX = 1 << 20, LARGE = 4096, SLICE = 64 };

struct filled {
	unsigned sockets;
	int error;
};

/* What remains to be done: slices up to `last`, then plain calls. */
struct work {
	struct plan plan;
	unsigned next, last; /* none when next > last */
};

/* Opens until the descriptors are used up or a plain call fails; `work` is what then remains. */
static struct filled fill(struct work *work, int *fds)
{
	struct filled filled = { 0 };

	while (!filled.error) {
		const bool slice = work->next <= work->last;
		struct plan plan = work->plan;
		int fd;

		if (slice) {
			plan.range_first = (uint16_t)work->next;
			plan.range_last = (uint16_t)(work->next + SLICE - 1 > work->last ?
							     work->last :
							     work->next + SLICE - 1);
		}
		fd = sockets_open(&plan);
		if (fd >= 0)
			fds[filled.sockets++] = fd;
		else if (slice && fd != -EMFILE)
			work->next += SLICE;
		else
			filled.error = -fd;
	}
	return filled;
}

struct report {
	struct work work;
	struct filled filled;
};

/* Keeps what it has until `release` ends. */
_Noreturn static void fill_and_hold(const struct work *work, int to, int release)
{
	static int fds[DESCRIPTORS_MAX];
	struct report report = { .work = *work };
	char nothing;

	report.filled = fill(&report.work, fds);
	if (write(to, &report, sizeof report) != (ssize_t)sizeof report)
		give_up("a filler could not report: %s", strerror(errno));
	if (read(release, &nothing, 1) < 0)
		give_up("read: %s", strerror(errno));
	for (unsigned i = 0; i < report.filled.sockets; i++)
		sockets_reset(fds[i]);
	_exit(0);
}

static struct filled exhaust(struct work work)
{
	struct filled all = { .error = EMFILE };
	int reports[2], release[2];
	struct report report;

	if (pipe2(reports, O_CLOEXEC) < 0 || pipe2(release, O_CLOEXEC) < 0)
		give_up("pipe: %s", strerror(errno));
	for (unsigned i = 0; i < FILLERS_MAX && all.error == EMFILE; i++) {
		if (holder_fork() == 0) {
			close(release[1]);
			fill_and_hold(&work, reports[1], release[0]);
		}
		if (read(reports[0], &report, sizeof report) != (ssize_t)sizeof report)
			give_up("a filler failed");
		work = report.work;
		all.sockets += report.filled.sockets;
		all.error = report.filled.error;
	}
	close(release[1]);
	while (wait(NULL) > 0)
		;
	return all;
}

static struct work plan_work(const struct plan *plan)
{
	static const char path[] = "/proc/sys/net/ipv4/ip_local_port_range";
	struct work work = { .plan = *plan, .next = 1 };
	unsigned first, last;
	FILE *file = fopen(path, "re");

	if (!file || fscanf(file, "%u %u", &first, &last) != 2)
		give_up("%s could not be read", path);
	fclose(file);
	/* UDP finds a free port at once. */
	if (last - first >= LARGE && plan->type != SOCK_DGRAM) {
		if (!sockets_know_port_range())
			give_up_skipping("a range this large is too slow to fill without "
					 "IP_LOCAL_PORT_RANGE");
		work.next = first;
		work.last = last;
	}
	return work;
}

static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		give_up("getrlimit: %s", strerror(errno));
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		give_up("setrlimit: %s", strerror(errno));
}

/* A listener that is there already is as good; an address elsewhere has its own. */
static void serve(const struct plan *client)
{
	const struct plan server = { .bind_to = client->connect_to,
				     .bind_port = client->port,
				     .listens = true };
	const int fd = sockets_open(&server);

	if (fd < 0 && fd != -EADDRINUSE && fd != -EADDRNOTAVAIL)
		give_up("%s port %u: %s", client->connect_to, client->port, strerror(-fd));
}

static struct plan read_arguments(int count, char **arguments)
{
	struct plan plan = { 0 };

	for (int i = 1; i < count; i++) {
		if (strcmp(arguments[i], "--udp") == 0) {
			plan.type = SOCK_DGRAM;
		} else if (strcmp(arguments[i], "--bind") == 0 && i + 1 < count) {
			plan.bind_to = arguments[++i];
		} else if (strcmp(arguments[i], "--connect") == 0 && i + 2 < count) {
			plan.connect_to = arguments[++i];
			plan.port = (uint16_t)strtoul(arguments[++i], NULL, 10);
		} else {
			give_up("what is %s?", arguments[i]);
		}
	}
	if (!plan.bind_to && !plan.connect_to)
		give_up("usage: exhaust [--udp] [--bind ADDRESS] [--connect ADDRESS PORT]");
	plan.no_port = plan.bind_to && plan.connect_to;
	plan.no_answer = true;
	return plan;
}

int main(int count, char **arguments)
{
	const struct plan plan = read_arguments(count, arguments);
	struct filled filled;

	alarm(LIFETIME_S);
	allow_descriptors();
	if (plan.type != SOCK_DGRAM && plan.connect_to)
		serve(&plan);
	filled = exhaust(plan_work(&plan));
	printf("%u %s\n", filled.sockets, truth_errno_name(filled.error));
	return 0;
}
