#include "base/language.h"
#include "knowledge/topic.h"

/*
 * What is set on Windows: by netsh since Vista and Server 2008, in the registry before, and for TIME_WAIT still.
 */
#define NETSH "learn.microsoft.com, netsh interface"

const struct topic topics_windows_settings[] = {
	{
		.name = "dynamic port range",
		.aliases = "dynamicport|dynamicportrange|netsh dynamicport|set dynamicport|"
			   "show dynamicport",
		.kind = TOPIC_WINDOWS_SETTING,
		.title = N_("the ports that Windows chooses from"),
		.meaning = N_(
			"Four ranges: for TCP and for UDP, of IPv4 and of IPv6; default 49152 to "
			"65535, 16384 ports. What is set counts at once, without a restart."),
		.next = N_(
			"Look first who uses the ports up; then widen the range that is full, with "
			"a way back. It may begin at 1025 and has 255 ports at least."),
		.command =
			"portroom range show; portroom range set --first 10000 --last 65535 "
			"--tcp --ipv4 --persist",
		.useless = N_(
			"Against a leak it only takes longer until the range is full again."),
		.source = NETSH "; default dynamic port range for TCP/IP",
	},
	{
		.name = "excluded port range",
		.aliases = "excludedportrange|excluded ports",
		.kind = TOPIC_WINDOWS_SETTING,
		.title = N_("ports that Windows keeps for one component"),
		.meaning = N_(
			"Set by an administrator (marked *) or at run time by Hyper-V, WinNAT and "
			"the host network service. A bind inside fails with 10013."),
		.next = N_(
			"List them: netsh int ipv4 show excludedportrange tcp. Take a port outside, "
			"or reserve yours before they start."),
		.source = "learn.microsoft.com, netsh interface",
	},
	{
		.name = "MaxUserPort",
		.kind = TOPIC_WINDOWS_SETTING,
		.title = N_("the old upper end of the Windows range"),
		.meaning = N_(
			"A registry value up to Windows Server 2003. Since Vista the range is "
			"set by netsh int ipv4 set dynamicport."),
		.next = N_("Read the range: netsh int ipv4 show dynamicport tcp."),
		.useless = N_("Copied from old guides, it does not widen the range of today."),
		.source = "learn.microsoft.com, default dynamic port range for TCP/IP",
	},
	{
		.name = "TcpTimedWaitDelay",
		.kind = TOPIC_WINDOWS_SETTING,
		.title = N_("how long Windows keeps TIME_WAIT"),
		.meaning = N_(
			"A registry value in seconds. Microsoft's pages name 120 and 240 as the "
			"default for different versions."),
		.next = N_(
			"Keep connections open first; the value shortens the rest of each port."),
		.useless = N_("It frees no port that a program leaks (Bound, CLOSE_WAIT)."),
		.source = "learn.microsoft.com, TcpTimedWaitDelay",
	},
	{ 0 },
};
