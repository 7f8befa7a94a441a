#include "holder.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "give_up.h"

enum { HOLDERS_MAX = 16, PIPE_FD = 3 };

static pid_t holders[HOLDERS_MAX];
static unsigned holder_count;

pid_t holder_fork(void)
{
	const pid_t parent = getpid();
	const pid_t pid = fork();

	if (pid < 0)
		give_up("fork: %s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(LIFETIME_S);
		if (getppid() != parent)
			_exit(EXIT_SET_UP_FAILED);
	}
	return pid;
}

static bool is_only_bound(const struct plan *plan)
{
	return plan->type != SOCK_DGRAM && plan->bind_to && !plan->no_port && !plan->listens &&
	       !plan->connect_to;
}

static void fill_order(const struct order *order, struct held *held, int *fds)
{
	for (unsigned i = 0; i < order->count; i++) {
		const int fd = sockets_open(&order->plan);

		if (fd < 0)
			give_up("socket %u of %u could not be made: %s", i + 1, order->count,
				strerror(-fd));
		ports_add(&held->ports, sockets_local_port(fd));
		if (fds)
			fds[held->sockets] = fd;
		held->sockets++;
		held->bound += is_only_bound(&order->plan);
	}
}

struct held holder_here(const struct order *orders, size_t count, int *fds)
{
	struct held held = { .pid = getpid() };

	for (size_t i = 0; i < count; i++)
		fill_order(&orders[i], &held, fds);
	return held;
}

/*
 * Only its own sockets may stay open in the holder: what it inherited would make it an owner
 * of its parent's sockets too.
 */
_Noreturn static void hold(const struct order *orders, size_t count, int report,
			   unsigned number)
{
	char name[16];
	struct held held;

	snprintf(name, sizeof name, "holder%u", number);
	prctl(PR_SET_NAME, name);
	if (dup2(report, PIPE_FD) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		give_up("dup2: %s", strerror(errno));
	close_range(PIPE_FD + 1, ~0U, 0);
	held = holder_here(orders, count, NULL);
	if (write(PIPE_FD, &held, sizeof held) != (ssize_t)sizeof held)
		give_up("a holder could not report: %s", strerror(errno));
	close(PIPE_FD);
	for (;;)
		pause();
}

static void read_report(int from, struct held *held)
{
	size_t have = 0;

	while (have < sizeof *held) {
		const ssize_t got = read(from, (char *)held + have, sizeof *held - have);

		if (got <= 0)
			give_up("a holder failed");
		have += (size_t)got;
	}
}

struct held holder_start(const struct order *orders, size_t count)
{
	struct held held;
	int report[2];
	pid_t pid;

	if (holder_count == HOLDERS_MAX)
		give_up("more than %d holders", HOLDERS_MAX);
	if (pipe(report) < 0)
		give_up("pipe: %s", strerror(errno));
	pid = holder_fork();
	if (pid == 0)
		hold(orders, count, report[1], holder_count + 1);
	holders[holder_count++] = pid;
	close(report[1]);
	read_report(report[0], &held);
	close(report[0]);
	return held;
}

void holders_end(void)
{
	while (holder_count > 0) {
		const pid_t pid = holders[--holder_count];

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}
