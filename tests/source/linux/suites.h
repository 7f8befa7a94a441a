#pragma once

/* Suites of tests/source that are about Linux alone. */
/* clang-format off */
#define SYSTEM_SUITES(suite) \
	suite(cgroup) \
	suite(proc_file) \
	suite(descriptors) \
	suite(time_wait_age) \
	suite(copied_proc) \
	suite(poor_proc) \
	suite(package) \
	suite(elf_section) \
	suite(runtime) \
	suite(settings_bpf) \
	suite(bpf_walk) \
	suite(ctnetlink) \
	suite(nft_nat) \
	suite(iptables_nat) \
	suite(flow_count) \
	suite(process) \
	suite(bpf_ring) \
	suite(tracefs) \
	suite(kmsg) \
	suite(helper)
/* clang-format on */
