#define _GNU_SOURCE
#include "worker.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static void become(int orders, int reports, const char *name, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		err(1, "PR_SET_PDEATHSIG");
	if (getppid() != parent) /* it died before the line above */
		_exit(1);
	prctl(PR_SET_NAME, name);
	if (dup2(orders, STDIN_FILENO) < 0 || dup2(reports, STDOUT_FILENO) < 0)
		err(1, "cannot set up a worker");
}

int worker_start(struct worker *worker, const char *name)
{
	int orders[2], reports[2];
	pid_t parent = getpid();

	if (pipe(orders) < 0 || pipe(reports) < 0)
		err(1, "cannot make a pipe");
	pid_t pid = fork();
	if (pid < 0)
		err(1, "cannot fork");
	if (pid == 0)
		become(orders[0], reports[1], name, parent);
	else
		*worker = (struct worker){ pid, orders[1], reports[0] };
	close(orders[0]);
	close(reports[1]);
	if (pid == 0) {
		close(orders[1]);
		close(reports[0]);
	}
	return pid == 0;
}

void worker_order(void *order, size_t size)
{
	char *to = order;

	while (size > 0) {
		ssize_t got = read(STDIN_FILENO, to, size);
		if (got <= 0)
			_exit(0);
		to += got;
		size -= (size_t)got;
	}
}

void worker_report(void)
{
	if (write(STDOUT_FILENO, "", 1) != 1)
		_exit(1);
}

void worker_give(const struct worker *worker, const void *order, size_t size)
{
	if (write(worker->orders, order, size) != (ssize_t)size)
		err(1, "a worker of the load takes no orders");
}

void worker_wait(const struct worker *worker)
{
	char byte;

	if (read(worker->reports, &byte, 1) != 1)
		errx(1, "a worker of the load died");
}
