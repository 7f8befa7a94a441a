#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

/*
 * Preloaded, it kills a program before its KILL_AT-th call of those that leave something behind: a process, a file,
 * a setting, a word to another process. Children are let live. A program that makes fewer ends as it would.
 */
static pid_t victim;
static long kill_at;
static atomic_long calls;

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("KILL_AT");

	victim = getpid();
	kill_at = text ? strtol(text, NULL, 10) : 0;
	unsetenv("LD_PRELOAD");
}

static void step(void)
{
	if (getpid() == victim && ++calls == kill_at)
		raise(SIGKILL);
}

/* pwrite() is pwrite64() here, as in the program: _FILE_OFFSET_BITS=64. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int pipe2(int fds[2], int flags)
{
	step();
	return NEXT(pipe2)(fds, flags);
}

pid_t fork(void)
{
	step();
	return NEXT(fork)();
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	step();
	return NEXT(write)(fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
	step();
	return ((__typeof__(&pwrite))dlsym(RTLD_NEXT, "pwrite64"))(fd, bytes, size, at);
}

int renameat(int from, const char *old, int to, const char *new)
{
	step();
	return NEXT(renameat)(from, old, to, new);
}

int unlinkat(int folder, const char *path, int flags)
{
	step();
	return NEXT(unlinkat)(folder, path, flags);
}

int linkat(int from, const char *old, int to, const char *new, int flags)
{
	step();
	return NEXT(linkat)(from, old, to, new, flags);
}

int fsync(int fd)
{
	step();
	return NEXT(fsync)(fd);
}
