/*
 * Runs one command, in the network namespace of a given process, and prints what it cost as JSON.
 *
 * Why not from the harness: the greatest resident size of a process includes what it had before
 * exec(), that is, its parent's size (Linux fs/exec.c, exec_mmap() keeps the old high-water mark).
 * This program is tiny, a Python interpreter is not; it also starts a command a millisecond sooner.
 */
#define _GNU_SOURCE
#include "maps.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static int open_netns(const char *pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(125, "%s", path);
	return fd;
}

static _Noreturn void become(int netns, int output, char **command)
{
	if (netns >= 0 && setns(netns, CLONE_NEWNET) < 0)
		err(125, "cannot enter the network namespace");
	if (dup2(output, STDOUT_FILENO) < 0)
		err(125, "standard output");
	execvp(command[0], command);
	err(127, "%s", command[0]);
}

/* Waits for SIGCHLD, blocked beforehand so that none is missed. Returns whether the time was up. */
static int wait_or_kill(pid_t pid, time_t timeout_s, const sigset_t *child)
{
	const struct timespec limit = { .tv_sec = timeout_s };

	if (sigtimedwait(child, NULL, &limit) == SIGCHLD)
		return 0;
	kill(pid, SIGKILL);
	return 1;
}

/* The same, with a look at the command's memory every millisecond, which takes time from it. */
static int watch_or_kill(pid_t pid, time_t timeout_s, const sigset_t *child, long *memory_kib)
{
	const struct timespec limit = { .tv_nsec = 1000 * 1000 };
	double until_s = now_s() + (double)timeout_s;

	while (now_s() < until_s) {
		long kib = maps_memory_kib(pid);

		if (kib > *memory_kib)
			*memory_kib = kib;
		if (sigtimedwait(child, NULL, &limit) == SIGCHLD)
			return 0;
	}
	kill(pid, SIGKILL);
	return 1;
}

int main(int argc, char **argv)
{
	const char *file = "/dev/null";
	time_t timeout_s = 3600;
	int netns = -1, status, option, watch = 0;
	long memory_kib = 0;
	struct rusage used;
	sigset_t child, before;

	while ((option = getopt(argc, argv, "+mn:o:t:")) != -1) {
		switch (option) {
		case 'm':
			watch = 1;
			break;
		case 'n':
			netns = open_netns(optarg);
			break;
		case 'o':
			file = optarg;
			break;
		case 't':
			timeout_s = atol(optarg);
			break;
		default:
			optind = argc;
		}
	}
	if (optind >= argc || timeout_s <= 0) {
		fputs("Usage: measure [-m] [-n PID] [-o OUTPUT] [-t SECONDS] COMMAND...\n"
		      "  -m  watches its memory with BPF maps (memory_kib); the times are too long\n",
		      stderr);
		return 125;
	}
	int output = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (output < 0)
		err(125, "%s", file);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);

	double start_s = now_s();
	pid_t pid = fork();
	if (pid < 0)
		err(125, "cannot fork");
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		become(netns, output, argv + optind);
	}
	int timed_out = watch ? watch_or_kill(pid, timeout_s, &child, &memory_kib) :
				wait_or_kill(pid, timeout_s, &child);
	if (wait4(pid, &status, 0, &used) < 0)
		err(125, "wait4");
	double wall_s = now_s() - start_s;

	printf("{\"wall_s\": %.6f, \"cpu_s\": %.6f, \"rss_kib\": %ld, \"memory_kib\": %ld, "
	       "\"exit\": %d, \"timed_out\": %s}\n",
	       wall_s, seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss,
	       memory_kib, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
	       timed_out ? "true" : "false");
	return 0;
}
