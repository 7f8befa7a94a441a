#include "source/linux/bpf/run.h"

#include <errno.h>
#include <time.h>

/* The coarse clocks advance by one tick (Linux kernel/time/posix-timers.c, posix_get_coarse_res()). */
u32 bpf_ticks_per_second(void)
{
	enum { MOST = 1000 };
	struct timespec tick;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) || tick.tv_sec || !tick.tv_nsec)
		return MOST;
	return (u32)((1000000000 + tick.tv_nsec / 2) / tick.tv_nsec);
}

#ifdef HAVE_BPF

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

int bpf_run(int program, const u64 arguments[4])
{
	union bpf_attr attributes = { 0 };

	attributes.test.prog_fd = (u32)program;
	attributes.test.ctx_in = (u64)(uintptr_t)arguments;
	attributes.test.ctx_size_in = 4 * sizeof arguments[0];
	return syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attributes, sizeof attributes) < 0 ? -1 :
											 0;
}

#else

int bpf_run(int program, const u64 arguments[4])
{
	(void)program, (void)arguments;
	errno = ENOSYS;
	return -1;
}

#endif
