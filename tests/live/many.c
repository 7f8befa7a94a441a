#include "many.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "give_up.h"
#include "holder.h"
#include "run.h"

static const char *const names[] = {
	"destination_full", "bound_only_leak",	"close_wait_leak",
	"udp_full",	    "busy_but_healthy",
};

enum { MANY = sizeof names / sizeof names[0] };

/* A situation that ends its holding when `release` is closed, as `cat` reads from it. */
struct one {
	pid_t pid;
	int release;
	FILE *said;
};

_Noreturn static void become_situation(const char *name, int in, int out)
{
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		give_up("dup2: %s", strerror(errno));
	execl("/proc/self/exe", "situation", name, "--exec", "exec cat >/dev/null",
	      (char *)NULL);
	give_up("/proc/self/exe: %s", strerror(errno));
}

static struct one start(const char *name)
{
	struct one one;
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		give_up("pipe: %s", strerror(errno));
	one.pid = holder_fork();
	if (one.pid == 0)
		become_situation(name, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	one.release = in[1];
	one.said = fdopen(out[0], "r");
	if (!one.said)
		give_up("fdopen: %s", strerror(errno));
	return one;
}

static void print_truth(struct one *one, FILE *out)
{
	static const char mark[] = "TRUTH ";
	char *line = NULL;
	size_t size = 0;

	if (getline(&line, &size, one->said) < 0 || strncmp(line, mark, strlen(mark)) != 0)
		give_up("a situation did not start");
	line[strcspn(line, "\n")] = '\0';
	fputs(line + strlen(mark), out);
	free(line);
}

/* Passes on what it found when it measured itself. */
static int end(struct one *one)
{
	char *line = NULL;
	size_t size = 0;
	int status;

	close(one->release);
	while (getline(&line, &size, one->said) >= 0)
		fputs(line, stdout);
	free(line);
	fclose(one->said);
	if (waitpid(one->pid, &status, 0) < 0 || !WIFEXITED(status))
		return EXIT_SET_UP_FAILED;
	return WEXITSTATUS(status);
}

int many_run(const char *command, unsigned hold_s)
{
	struct one all[MANY];
	char *truth = NULL;
	size_t size;
	FILE *text = open_memstream(&truth, &size);
	int status;

	if (!text)
		give_up("open_memstream: %s", strerror(errno));
	for (unsigned i = 0; i < MANY; i++) {
		all[i] = start(names[i]);
		fputs(i ? ", " : "[", text);
		print_truth(&all[i], text);
	}
	fputs("]", text);
	fclose(text);
	printf("TRUTH %s\n", truth);
	fflush(stdout);
	status = run_or_hold(command, hold_s, truth);
	for (unsigned i = 0; i < MANY; i++) {
		const int ended = end(&all[i]);

		status = status ? status : ended;
	}
	free(truth);
	return status;
}
