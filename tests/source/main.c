#include "suite.h"

/* clang-format off */
#define SUITES(suite) \
	suite(cgroup) \
	suite(copies) \
	suite(proc_file) \
	suite(descriptors) \
	suite(time_wait_age) \
	suite(copied_proc) \
	suite(poor_proc) \
	suite(package) \
	suite(patience) \
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
	suite(etl_calls) \
	suite(etl_container) \
	suite(etl_header) \
	suite(etl_xpress) \
	suite(json_tokens) \
	suite(event_record) \
	suite(event_text) \
	suite(event_time) \
	suite(container) \
	suite(frames) \
	suite(helper) \
	suite(minidump) \
	suite(windows_dump) \
	suite(dump_text) \
	suite(dossier) \
	suite(stamp) \
	suite(windows_netstat) \
	suite(ss) \
	suite(linux_files) \
	suite(linux_join) \
	suite(netsh) \
	suite(powershell) \
	suite(windows_processes) \
	suite(saved)
/* clang-format on */

SUITES(SUITE_DECLARE)

int main(void)
{
	static const struct suite *const suites[] = { SUITES(SUITE_LIST) NULL };

	return suite_run("source", suites);
}
