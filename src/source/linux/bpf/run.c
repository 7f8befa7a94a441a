#include "source/linux/bpf/run.h"

#include <errno.h>

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
