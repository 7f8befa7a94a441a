#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "give_up.h"
#include "holder.h"

_Noreturn static void become_shell(const char *command, pid_t situation, const char *truth)
{
	char pid[16];

	snprintf(pid, sizeof pid, "%d", (int)situation);
	setenv("SITUATION_PID", pid, 1);
	setenv("SITUATION_TRUTH", truth, 1);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	give_up("/bin/sh: %s", strerror(errno));
}

int run_or_hold(const char *command, unsigned hold_s, const char *truth)
{
	const pid_t self = getpid();
	int status;
	pid_t pid;

	if (!command) {
		sleep(hold_s);
		return 0;
	}
	pid = holder_fork();
	if (pid == 0)
		become_shell(command, self, truth);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			give_up("waitpid: %s", strerror(errno));
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
