#define _GNU_SOURCE /* syscall() */
#include "action/close.h"

#include "source/linux/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* After SIGKILL: a process in an uninterruptible call ends when that is over. */
enum { KILL_WAIT_MS = 2000 };

/* A descriptor means this process for ever, whoever has its number later: pidfd_open(2), Linux 5.3. */
static int open_process(int32_t pid, uint64_t start_ticks)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool same = fd >= 0 && proc >= 0 && process_still_runs(proc, pid, start_ticks);

	if (proc >= 0)
		close(proc);
	if (same)
		return fd;
	if (fd >= 0) {
		close(fd);
		errno = ESRCH;
	}
	return -1;
}

static int signal_process(int fd, int number)
{
	return (int)syscall(SYS_pidfd_send_signal, fd, number, NULL, 0);
}

static bool ends_within(int fd, unsigned milliseconds)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	int result;

	do
		result = poll(&polled, 1, (int)milliseconds);
	while (result < 0 && errno == EINTR);
	return result > 0;
}

static enum close_ending ending_of(int failed)
{
	return failed == ESRCH			   ? ENDING_GONE :
	       failed == EPERM || failed == EACCES ? ENDING_NOT_PERMITTED :
						     ENDING_FAILED;
}

bool close_spares(int32_t pid)
{
	return pid <= 1 || pid == getpid();
}

enum close_ending close_process(int32_t pid, uint64_t start_ticks, unsigned wait_ms,
				bool force)
{
	enum close_ending ending = ENDING_STILL_RUNS;
	int fd;

	if (close_spares(pid))
		return ENDING_NOT_PERMITTED;
	fd = open_process(pid, start_ticks);
	if (fd < 0)
		return ending_of(errno);
	if (signal_process(fd, SIGTERM))
		ending = ending_of(errno);
	else if (ends_within(fd, wait_ms))
		ending = ENDING_DONE;
	else if (force && !signal_process(fd, SIGKILL) && ends_within(fd, KILL_WAIT_MS))
		ending = ENDING_DONE;
	close(fd);
	return ending;
}
