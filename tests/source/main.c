#include "suite.h"

#include "suites.h"

/* clang-format off */
#define SUITES(suite) \
	suite(afd_endpoint) \
	suite(copies) \
	suite(handle_table) \
	suite(net_connection) \
	suite(process_table) \
	suite(mib_table) \
	suite(row) \
	suite(trace_lines) \
	suite(watch_lines) \
	suite(etl_calls) \
	suite(etl_container) \
	suite(etl_header) \
	suite(etl_live) \
	suite(etl_xpress) \
	suite(json_tokens) \
	suite(event_record) \
	suite(event_text) \
	suite(event_time) \
	suite(container) \
	suite(frames) \
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
	suite(netsh_output) \
	suite(powershell) \
	suite(windows_processes) \
	suite(saved)
/* clang-format on */

SUITES(SUITE_DECLARE)
SYSTEM_SUITES(SUITE_DECLARE)

int main(void)
{
	static const struct suite *const suites[] = { SUITES(SUITE_LIST)
							      SYSTEM_SUITES(SUITE_LIST) NULL };

	return suite_run("source", suites);
}
