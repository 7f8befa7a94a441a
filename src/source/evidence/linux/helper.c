#define _GNU_SOURCE /* close_range() */
#include "source/evidence/helper.h"

#include "base/language.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const struct helper_limits helper_usual_limits = {
	.silence_ms = 120 * 1000,
	.cpu_s = 900,
	.memory = UINT64_C(1) << 30,
};

/* ---- where it is ---- */

static bool is_there(char *path, size_t size, const char *folder, const char *name)
{
	int length = snprintf(path, size, "%s/%s", folder, name);

	return length > 0 && (size_t)length < size && !access(path, X_OK);
}

static bool own_folder(char *folder, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", folder, size - 1);
	char *slash;

	if (length <= 0)
		return false;
	folder[length] = '\0';
	slash = strrchr(folder, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

int helper_find(const struct helper_program *program, char *path, size_t size,
		struct error *error)
{
	char folder[4096];

	if (own_folder(folder, sizeof folder) && is_there(path, size, folder, program->name))
		return 0;
	if (is_there(path, size, PORTROOM_LIBEXECDIR, program->name))
		return 0;
	return error_set(
		error,
		_("it takes %s, which is not there; portroom has it if it is built with "
		  "%s (meson -D%s=enabled)"),
		program->name, program->package, program->option);
}

/* ---- in the new process ---- */

static void limit(int resource, uint64_t most)
{
	const struct rlimit both = { most, most };

	(void)setrlimit((__rlimit_resource_t)resource, &both);
}

static void set_limits(const struct helper_limits *limits, int input)
{
	struct stat about;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	limit(RLIMIT_CPU, limits->cpu_s);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CORE, 0);
#ifndef __SANITIZE_ADDRESS__ /* which takes terabytes of addresses */
	if (!fstat(input, &about))
		limit(RLIMIT_AS, limits->memory + (uint64_t)about.st_size);
#else
	(void)about;
	(void)input;
#endif
}

/* It inherits three descriptors, and no signal that portroom ignores or holds back. */
static _Noreturn void become(const char *path, const char *name, int input, int output,
			     const struct helper_limits *limits)
{
	static char *const nothing[] = { NULL };
	char *const words[] = { (char *)(uintptr_t)name, NULL };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* None of the three may be overwritten before it was copied. */
	input = fcntl(input, F_DUPFD_CLOEXEC, 3);
	output = fcntl(output, F_DUPFD_CLOEXEC, 3);
	if (input < 0 || output < 0 || dup2(input, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0)
		_exit(127);
	if (null >= 0)
		dup2(null, STDERR_FILENO);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	set_limits(limits, STDIN_FILENO);
	execve(path, words, nothing);
	_exit(127);
}

int helper_start(struct helper *helper, const struct helper_program *program, const char *path,
		 int input, const struct helper_limits *limits, struct error *error)
{
	int ends[2];

	helper->program = program;
	helper->limits = *limits;
	helper->frames.begin = helper->frames.end = 0;
	helper->frames.in_member = helper->frames.is_over = false;
	if (pipe2(ends, O_CLOEXEC))
		return error_set(error, _("%s could not be started: %s"), program->name,
				 language_errno(errno));
	helper->pid = fork();
	if (helper->pid < 0) {
		error_set(error, _("%s could not be started: %s"), program->name,
			  language_errno(errno));
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	if (!helper->pid)
		become(path, program->name, input, ends[1], limits);
	close(ends[1]);
	helper->output = ends[0];
	return 0;
}

/* ---- what it tells ---- */

static int reap(struct helper *helper)
{
	int status = 0;

	if (helper->pid > 0)
		while (waitpid(helper->pid, &status, 0) < 0 && errno == EINTR)
			;
	helper->pid = -1;
	return status;
}

/* Its output has ended, and it had not told all. */
static int tell_end(struct helper *helper, struct error *error)
{
	const char *name = helper->program->name;
	int status = reap(helper);

	if (WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
		return error_set(error, _("%s worked longer than it may, %u s, or was killed"),
				 name, helper->limits.cpu_s);
	if (WIFSIGNALED(status))
		return error_set(error, _("%s broke down on it (signal %d)"), name,
				 WTERMSIG(status));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return error_set(error, _("%s could not be started"), name);
	return error_set(error, _("%s ended before it had told all"), name);
}

static int tell_nonsense(struct helper *helper, struct error *error)
{
	helper_end(helper);
	return error_set(error, _("what %s told makes no sense"), helper->program->name);
}

/* 1: something came, 0: the end, -1: nothing for too long */
static int wait_for_more(struct helper *helper, struct error *error)
{
	struct pollfd poll_output = { .fd = helper->output, .events = POLLIN };
	size_t room;
	uint8_t *space = frames_space(&helper->frames, &room);
	ssize_t got;
	int ready;

	do
		ready = poll(&poll_output, 1, helper->limits.silence_ms);
	while (ready < 0 && errno == EINTR);
	if (!ready) {
		helper_end(helper);
		return error_set(error, _("%s told nothing for %d s and was ended"),
				 helper->program->name, helper->limits.silence_ms / 1000);
	}
	do
		got = read(helper->output, space, room);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return 0;
	frames_filled(&helper->frames, (size_t)got);
	return 1;
}

int helper_next(struct helper *helper, struct frame *frame, struct error *error)
{
	for (;;) {
		int result = frames_next(&helper->frames, frame);

		if (result > 0)
			return 1;
		if (result < 0)
			return tell_nonsense(helper, error);
		if (helper->frames.is_over)
			return 0;
		result = wait_for_more(helper, error);
		if (!result)
			return tell_end(helper, error);
		if (result < 0)
			return -1;
	}
}

void helper_end(struct helper *helper)
{
	if (helper->pid > 0)
		kill(helper->pid, SIGKILL);
	reap(helper);
	if (helper->output >= 0)
		close(helper->output);
	helper->output = -1;
}
