#define _GNU_SOURCE /* unshare(), prlimit(), strerrorname_np() */
#include "action/lab.h"

#include "action/linux/lab_process.h"
#include "base/arena.h"
#include "base/language.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

const struct port_range lab_range = { 40000, 40099 };

/* Of the network that is reserved for examples (RFC 5737). Not 127/8: what Linux allows between loopback addresses
 * only (tcp_tw_reuse=2, the default) would not happen to anybody else. */
const struct address lab_program_address = { FAMILY_IPV4, { 192, 0, 2, 1 } };
const struct address lab_service_address = { FAMILY_IPV4, { 192, 0, 2, 2 } };

struct lab {
	struct lab_process service, program;
};

/* ---- the namespace ---- */

/* -1: there is none, or it cannot be read. */
static int read_number(const char *path)
{
	char text[16] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	return size > 0 ? atoi(text) : -1;
}

/* The setting that forbids it; NULL if none is known. */
static const char *forbidding_setting(void)
{
	static const struct {
		const char *path, *text;
		int forbids;
	} settings[] = {
		{ "/proc/sys/user/max_net_namespaces", "user.max_net_namespaces=0", 0 },
		{ "/proc/sys/user/max_user_namespaces", "user.max_user_namespaces=0", 0 },
		{ "/proc/sys/kernel/unprivileged_userns_clone",
		  "kernel.unprivileged_userns_clone=0", 0 },
		{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
		  "kernel.apparmor_restrict_unprivileged_userns=1", 1 },
	};

	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
		if (read_number(settings[i].path) == settings[i].forbids)
			return settings[i].text;
	return NULL;
}

static int refuse(int failed, struct error *error)
{
	const char *why = forbidding_setting();

	if (!why)
		why = language_errno(failed);
	if (geteuid())
		return error_set(error,
				 _("the lab needs a network namespace of its own, which is "
				   "refused here (%s); run it as root"),
				 why);
	return error_set(error,
			 _("the lab needs a network namespace of its own, which is refused "
			   "here (%s)"),
			 why);
}

/* Into a file that is there. 0, or an errno. */
static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t size = strlen(text);
	int failed = 0;

	if (fd < 0)
		return errno;
	/* Nothing to write would set nothing: "" stands for an empty line. */
	if (size ? write(fd, text, size) != (ssize_t)size : write(fd, "\n", 1) != 1)
		failed = errno;
	close(fd);
	return failed;
}

/* The same user and group inside as outside: files and processes of its own stay its own. */
static int map_user(unsigned user, unsigned group)
{
	char line[32];
	int failed = write_file("/proc/self/setgroups", "deny");

	if (failed && failed != ENOENT)
		return failed;
	snprintf(line, sizeof line, "%u %u 1", user, user);
	failed = write_file("/proc/self/uid_map", line);
	if (failed)
		return failed;
	snprintf(line, sizeof line, "%u %u 1", group, group);
	return write_file("/proc/self/gid_map", line);
}

static int enter_namespace(void)
{
	unsigned user = geteuid(), group = getegid();

	if (!unshare(CLONE_NEWNET))
		return 0;
	if (errno != EPERM)
		return errno;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return errno;
	return map_user(user, group);
}

/* "lo:1" is a second address of lo, not another interface. */
static int add_address(int fd, const char *label, const struct address *address)
{
	struct ifreq request = { .ifr_name = "" };
	struct sockaddr_in own = { .sin_family = AF_INET };

	memcpy(&own.sin_addr, address->bytes, 4);
	memcpy(&request.ifr_addr, &own, sizeof own);
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", label);
	return ioctl(fd, SIOCSIFADDR, &request);
}

static int bring_up(int fd)
{
	struct ifreq request = { .ifr_name = "lo" };

	if (ioctl(fd, SIOCGIFFLAGS, &request))
		return -1;
	request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
	return ioctl(fd, SIOCSIFFLAGS, &request) ||
	       add_address(fd, "lo:1", &lab_program_address) ||
	       add_address(fd, "lo:2", &lab_service_address);
}

/* 0, or an errno. */
static int prepare_loopback(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int failed = fd < 0 || bring_up(fd) ? errno : 0;

	if (fd >= 0)
		close(fd);
	return failed;
}

static int prepare_range(struct error *error)
{
	char range[16];

	snprintf(range, sizeof range, "%u %u", lab_range.first, lab_range.last);
	return lab_set("ip_local_port_range", range, error);
}

/* What the program and the service may have open: those there are, and as many again after the cure. */
static int prepare_limit(struct error *error)
{
	enum { WANTED = 512, NEEDED = 256 };
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return error_set(error, _("the limit of descriptors cannot be read: %s"),
				 language_errno(errno));
	if (limit.rlim_cur >= WANTED)
		return 0;
	limit.rlim_cur = limit.rlim_max < WANTED ? limit.rlim_max : WANTED;
	if (limit.rlim_cur < NEEDED || setrlimit(RLIMIT_NOFILE, &limit))
		return error_set(error,
				 _("the lab needs %d descriptors, and no more than %llu are "
				   "allowed; raise the limit (ulimit -n)"),
				 NEEDED, (unsigned long long)limit.rlim_cur);
	return 0;
}

static int prepare(struct error *error)
{
	int failed;

	if (prepare_limit(error))
		return -1;
	failed = enter_namespace();
	if (!failed)
		failed = prepare_loopback();
	if (failed)
		return refuse(failed, error);
	return prepare_range(error);
}

struct lab *lab_open(bool service_closes, struct error *error)
{
	struct lab *lab;

	if (prepare(error))
		return NULL;
	lab = memory_zeroed(1, sizeof *lab);
	if (!lab_start_program(&lab->program, error) &&
	    !lab_start_service(&lab->service, service_closes, error))
		return lab;
	lab_close(lab);
	return NULL;
}

void lab_close(struct lab *lab)
{
	if (!lab)
		return;
	lab_end_process(&lab->program, SIGKILL);
	lab_end_process(&lab->service, SIGKILL);
	free(lab);
}

int32_t lab_program(const struct lab *lab)
{
	return lab->program.pid;
}

/* ---- what is done in it ---- */

int lab_work(struct lab *lab, const struct lab_habit *habit, unsigned count,
	     struct lab_answer *answer, struct error *error)
{
	static const char *const calls[] = {
		[LAB_SOCKET] = "socket",
		[LAB_BIND] = "bind",
		[LAB_CONNECT] = "connect",
	};
	const struct lab_order order = { *habit, count };
	struct lab_report report;

	if (lab_ask(&lab->program, &order, &report, error))
		return -1;
	*answer = (struct lab_answer){
		.done = report.done,
		.call = calls[report.call],
		.error = report.error,
		.error_name = report.error ? strerrorname_np(report.error) : NULL,
		.error_text = report.error ? language_errno(report.error) : NULL,
		.to = report.to,
		.to_port = report.to_port,
		.first = report.first,
		.first_port = report.first_port,
	};
	return 0;
}

/* Of states as /proc/net/tcp has them (Linux include/net/tcp_states.h), those that last as long as a packet takes. */
static bool is_passing(unsigned state)
{
	enum { SYN_SENT = 2, FIN_WAIT1 = 4, FIN_WAIT2 = 5, LAST_ACK = 9, CLOSING = 11 };

	return state == SYN_SENT || state == FIN_WAIT1 || state == FIN_WAIT2 ||
	       state == LAST_ACK || state == CLOSING;
}

static bool is_settled(void)
{
	FILE *table = fopen("/proc/self/net/tcp", "re");
	unsigned port, state;
	bool settled = true;
	char line[256];

	while (table && settled && fgets(line, sizeof line, table))
		if (sscanf(line, " %*u: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x", &port, &state) == 2)
			settled = port < lab_range.first || !is_passing(state);
	if (table)
		fclose(table);
	return settled;
}

void lab_settle(void)
{
	enum { LONGEST_MS = 5000, STEP_MS = 10 };
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };

	for (int waited = 0; waited < LONGEST_MS && !is_settled(); waited += STEP_MS)
		nanosleep(&step, NULL);
}

int lab_set(const char *setting, const char *value, struct error *error)
{
	char path[64];
	int failed;

	snprintf(path, sizeof path, "/proc/sys/net/ipv4/%s", setting);
	failed = write_file(path, value);
	if (failed)
		return error_set(error, _("cannot set %s in the lab's own namespace: %s"),
				 path, language_errno(failed));
	return 0;
}

int lab_restart(struct lab *lab, struct error *error)
{
	lab_end_process(&lab->program, SIGTERM);
	return lab_start_program(&lab->program, error);
}

int lab_raise_limit(struct lab *lab, unsigned descriptors, struct error *error)
{
	struct rlimit limit;

	if (prlimit(lab->program.pid, RLIMIT_NOFILE, NULL, &limit))
		return error_set(error, _("the limit of descriptors cannot be read: %s"),
				 language_errno(errno));
	limit.rlim_cur = descriptors;
	if (prlimit(lab->program.pid, RLIMIT_NOFILE, &limit, NULL))
		return error_set(error, _("the limit of descriptors cannot be raised: %s"),
				 language_errno(errno));
	return 0;
}
