#include "portable/child.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int child_run(void (*act)(void), char *said, size_t size)
{
	size_t length = 0;
	ssize_t got;
	int pipes[2], status;
	pid_t child;

	said[0] = '\0';
	if (pipe(pipes))
		return -1;
	child = fork();
	if (!child) {
		dup2(pipes[1], STDERR_FILENO);
		act();
		_exit(250);
	}
	close(pipes[1]);
	while (length < size - 1 &&
	       (got = read(pipes[0], said + length, size - 1 - length)) > 0)
		length += (size_t)got;
	said[length] = '\0';
	close(pipes[0]);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void child_take_part(void)
{
}
