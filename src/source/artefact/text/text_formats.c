#include "source/artefact/text/text_format.h"

/* One line for a new form; those that recognise most surely come first. */
/* clang-format off */
#define FORMATS(format) \
	format(event_text) \
	format(windows_netstat) \
	format(dynamicport) \
	format(excludedportrange) \
	format(proc_net) \
	format(ss) \
	format(linux_netstat) \
	format(sysctl) \
	format(volatility_sockets) \
	format(volatility_handles) \
	format(memprocfs_sockets) \
	format(memprocfs_handles) \
	format(volatility2_sockets) \
	format(volatility2_handles) \
	format(kd_process) \
	format(tasklist) \
	format(tasklist_csv) \
	format(tasklist_list) \
	format(sysinternals_handle) \
	format(process_explorer) \
	format(registry) \
	format(systeminfo) \
	format(event_rows) \
	format(powershell_table) \
	format(powershell_csv) \
	format(powershell_list) \
	format(sockstat) \
	format(ss_summary) \
	format(snmp) \
	format(conntrack) \
	format(conntrack_statistics) \
	format(ip_address) \
	format(ip_brief) \
	format(ifconfig) \
	format(uname) \
	format(lsof) \
	format(lsof_fields)
/* clang-format on */

#define DECLARE(name) extern const struct text_format text_format_##name;
#define ADDRESS(name) &text_format_##name,

FORMATS(DECLARE)

const struct text_format *const text_formats[] = { FORMATS(ADDRESS) NULL };
