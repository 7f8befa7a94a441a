#include "statistics.h"

#include <err.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

/* They are on for as long as a descriptor of this kind is open (bpf(2)): nothing is to be put back. */
void statistics_enable(void)
{
	union bpf_attr attributes = { .enable_stats.type = BPF_STATS_RUN_TIME };

	if (bpf(BPF_ENABLE_STATS, &attributes) < 0)
		err(1, "BPF_ENABLE_STATS");
}

int statistics_attach_empty(void)
{
	const struct bpf_insn return_0[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
		.insns = (uintptr_t)return_0,
		.insn_cnt = sizeof(return_0) / sizeof(*return_0),
		.license = (uintptr_t) "GPL",
		.prog_name = "empty",
	};
	int program = bpf(BPF_PROG_LOAD, &load);
	union bpf_attr attach = {
		.raw_tracepoint.name = (uintptr_t) "inet_sock_set_state",
		.raw_tracepoint.prog_fd = (uint32_t)program,
	};

	if (program < 0 || bpf(BPF_RAW_TRACEPOINT_OPEN, &attach) < 0)
		err(1, "cannot attach an empty BPF program");
	return program;
}

double statistics_time_ns(int program)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attributes = { .info.bpf_fd = (uint32_t)program,
				      .info.info_len = sizeof(info),
				      .info.info = (uintptr_t)&info };

	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes) < 0)
		err(1, "BPF_OBJ_GET_INFO_BY_FD");
	return (double)info.run_time_ns;
}
