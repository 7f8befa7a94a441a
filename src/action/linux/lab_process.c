#define _GNU_SOURCE /* close_range() */
#include "action/linux/lab_process.h"

#include "base/language.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* If neither the end of the parent nor an order should ever come. */
enum { LIFETIME_S = 120 };

static struct sockaddr_in address_of(const struct address *address, uint16_t port)
{
	struct sockaddr_in filled = { .sin_family = AF_INET, .sin_port = htons(port) };

	memcpy(&filled.sin_addr, address->bytes, 4);
	return filled;
}

/* ---- the service ---- */

enum { MOST_CONNECTIONS = 500 };

struct service {
	bool closes;
	struct pollfd polled[2 + MOST_CONNECTIONS]; /* first what it listens on */
	nfds_t count;
};

static int listen_on(uint16_t port)
{
	const struct sockaddr_in own = address_of(&lab_service_address, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !bind(fd, (const struct sockaddr *)&own, sizeof own) &&
	    !listen(fd, SOMAXCONN))
		return fd;
	return -1;
}

static void welcome(struct service *service, int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0 && errno != ECONNABORTED && errno != EINTR)
		_exit(1); /* no descriptors or memory: its connections end with it */
	if (fd < 0)
		return;
	if (service->closes || service->count == 2 + MOST_CONNECTIONS)
		close(fd);
	else
		service->polled[service->count++] =
			(struct pollfd){ .fd = fd, .events = POLLIN };
}

/* Nobody sends anything: what is to be read is the end. */
static void serve(struct service *service)
{
	for (;;) {
		nfds_t had = service->count;

		if (poll(service->polled, had, -1) < 0)
			continue;
		for (nfds_t i = had; i-- > 2;)
			if (service->polled[i].revents) {
				close(service->polled[i].fd);
				service->polled[i] = service->polled[--service->count];
			}
		for (int i = 0; i < 2; i++)
			if (service->polled[i].revents)
				welcome(service, service->polled[i].fd);
	}
}

static void run_service(int channel, bool closes)
{
	struct service service = { .closes = closes, .count = 2 };
	int failed = 0;

	for (int i = 0; i < 2 && !failed; i++) {
		int fd = listen_on(i ? LAB_OTHER_PORT : LAB_PORT);

		failed = fd < 0 ? errno : 0;
		service.polled[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	if (send(channel, &failed, sizeof failed, MSG_NOSIGNAL) != sizeof failed || failed)
		return;
	close(channel);
	serve(&service);
}

/* ---- the program ---- */

static void limit_descriptors(unsigned descriptors)
{
	struct rlimit limit;

	if (!descriptors || getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = descriptors;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Before it is made. */
static void note_call(struct lab_report *report, enum lab_call call, const struct address *to,
		      uint16_t port)
{
	report->call = call;
	report->to = to ? *to : (struct address){ 0 };
	report->to_port = port;
}

static int try_bind(const struct lab_habit *habit, int fd, struct lab_report *report)
{
	const struct sockaddr_in own = address_of(&lab_program_address, 0);
	int on = 1;

	if (!habit->binds)
		return 0;
	if (habit->no_port)
		setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	note_call(report, LAB_BIND, &lab_program_address, 0);
	return bind(fd, (const struct sockaddr *)&own, sizeof own);
}

static int try_connect(const struct lab_habit *habit, int fd, struct lab_report *report)
{
	uint16_t port = habit->in_turn && report->done % 2 ? LAB_OTHER_PORT : LAB_PORT;
	const struct sockaddr_in to = address_of(&lab_service_address, port);

	if (!habit->connects)
		return 0;
	note_call(report, LAB_CONNECT, &lab_service_address, port);
	return connect(fd, (const struct sockaddr *)&to, sizeof to);
}

static void note_first(struct lab_report *report, int fd)
{
	struct sockaddr_in own;
	socklen_t size = sizeof own;

	if (report->done++ || getsockname(fd, (struct sockaddr *)&own, &size))
		return;
	report->first = address_ipv4(&own.sin_addr);
	report->first_port = ntohs(own.sin_port);
}

/* What it keeps is reset when it is ended: a port that then rests for a minute would be another story. */
static void keep(int fd)
{
	const struct linger reset = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

static bool is_kept(const struct lab_habit *habit, unsigned number)
{
	return !habit->closes || (habit->keeps_each && number % habit->keeps_each == 0);
}

/* 0, or the errno of the call noted in the report. */
static int open_one(const struct lab_habit *habit, struct lab_report *report)
{
	int kind = habit->protocol == PROTOCOL_TCP ? SOCK_STREAM : SOCK_DGRAM;
	int fd, failed;
	char byte;

	note_call(report, LAB_SOCKET, NULL, 0);
	fd = socket(AF_INET, kind | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (try_bind(habit, fd, report) || try_connect(habit, fd, report)) {
		failed = errno;
		close(fd);
		return failed;
	}
	note_first(report, fd);
	while (habit->reads && read(fd, &byte, 1) < 0 && errno == EINTR)
		;
	if (is_kept(habit, report->done))
		keep(fd);
	else
		close(fd);
	return 0;
}

static void run_program(int channel)
{
	struct lab_order order;

	while (recv(channel, &order, sizeof order, 0) == sizeof order) {
		struct lab_report report = { 0 };

		limit_descriptors(order.habit.descriptors);
		while (report.done < order.count && !report.error)
			report.error = open_one(&order.habit, &report);
		if (send(channel, &report, sizeof report, MSG_NOSIGNAL) != sizeof report)
			break;
	}
}

/* ---- starting and ending ---- */

/* In the child: nothing of it outlives the parent, and Ctrl-C is the parent's to hear. */
static void bind_to_parent(pid_t parent, const char *name, int channel)
{
	static const int usual[] = { SIGALRM, SIGTERM, SIGPIPE };

	sigset_t none;

	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		signal(usual[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_NAME, name);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(LIFETIME_S);
	/* What was inherited is not its own; a kernel before Linux 5.9 leaves it. */
	if (channel > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)channel - 1, 0);
	close_range((unsigned)channel + 1, ~0U, 0);
	if (getppid() != parent)
		_exit(1);
}

/* 0 in the child, 1 in the parent, -1 with a sentence. `channel` is this side's end. */
static int start(struct lab_process *process, const char *name, int *channel,
		 struct error *error)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return error_set(error, _("the lab cannot begin: %s"), language_errno(errno));
	process->pid = fork();
	if (process->pid < 0) {
		process->pid = 0;
		error_set(error, _("the lab cannot start a process: %s"),
			  language_errno(errno));
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	*channel = ends[process->pid ? 0 : 1];
	close(ends[process->pid ? 1 : 0]);
	if (process->pid) {
		process->channel = *channel;
		return 1;
	}
	bind_to_parent(parent, name, *channel);
	return 0;
}

int lab_start_service(struct lab_process *process, bool closes, struct error *error)
{
	int channel, failed, started = start(process, "lab-service", &channel, error);

	if (started < 0)
		return -1;
	if (!started) {
		run_service(channel, closes);
		_exit(1);
	}
	if (recv(channel, &failed, sizeof failed, 0) != sizeof failed)
		return error_set(error, _("the lab's service has ended"));
	if (failed)
		return error_set(error, _("the lab's service cannot listen: %s"),
				 language_errno(failed));
	return 0;
}

int lab_start_program(struct lab_process *process, struct error *error)
{
	int channel, started = start(process, "lab-program", &channel, error);

	if (started < 0)
		return -1;
	if (!started) {
		run_program(channel);
		_exit(1);
	}
	return 0;
}

int lab_ask(const struct lab_process *process, const struct lab_order *order,
	    struct lab_report *report, struct error *error)
{
	if (send(process->channel, order, sizeof *order, MSG_NOSIGNAL) == sizeof *order &&
	    recv(process->channel, report, sizeof *report, 0) == sizeof *report)
		return 0;
	return error_set(error, _("the lab's program has ended"));
}

void lab_end_process(struct lab_process *process, int signal_number)
{
	if (!process->pid)
		return;
	kill(process->pid, signal_number);
	while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(process->channel);
	*process = (struct lab_process){ 0 };
}
