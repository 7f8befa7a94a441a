#define _GNU_SOURCE /* unshare() */
#include "source/linux/netns/own_namespace.h"

#include <errno.h>
#include <sched.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

int own_namespace_try(int (*attempt)(void))
{
	enum { NO, YES, NOT_TRIED };
	pid_t child = fork();
	int status, result;

	if (child < 0)
		return -1;
	if (!child) {
		if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
			_exit(NOT_TRIED);
		result = attempt();
		_exit(result < 0 ? NOT_TRIED : result ? YES : NO);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (!WIFEXITED(status) || WEXITSTATUS(status) >= NOT_TRIED)
		return -1;
	return WEXITSTATUS(status) == YES;
}
