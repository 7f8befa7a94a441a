#include "base/language.h"
#include "knowledge/topic.h"

/*
 * The name of an event is its source and number. The Tcpip ones are the evidence; the others are
 * what else breaks when ports are gone (Microsoft, "Troubleshoot port exhaustion issues").
 */
#define ARTICLE "learn.microsoft.com, Troubleshoot port exhaustion issues"

const struct topic topics_events[] = {
	{
		.name = "Tcpip 4231",
		.aliases = "event 4231",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_LIKELY,
		.code = 4231,
		.title = N_("no ephemeral TCP port was free"),
		.meaning = N_(
			"A request for a port from the global TCP port space failed because all "
			"were in use."),
		.tell = N_(
			"The proof for TCP. Programs see 10055. After the first records nothing "
			"more may be logged: a silent log is no proof of health."),
		.next = N_(
			"See on that machine who has the ports, bound ones too: portroom check, or "
			"portroom list --by state,process; and who has thousands of handles. Where "
			"portroom is not to be had: netstat -anoq, or Get-NetTCPConnection grouped "
			"by state and owner."),
		.command =
			"portroom list --by state,process; portroom handles; portroom explain "
			"windows_ran_out",
		.source = ARTICLE,
	},
	{
		.name = "Tcpip 4266",
		.aliases = "event 4266",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_LIKELY,
		.code = 4266,
		.title = N_("no ephemeral UDP port was free"),
		.meaning = N_(
			"A request for a port from the global UDP port space failed because all "
			"were in use. Name resolution fails first."),
		.tell = N_("The proof for UDP."),
		.next = N_(
			"See on that machine who has the ports: portroom list --udp --by process. "
			"Where portroom is not to be had: Get-NetUDPEndpoint grouped by owner."),
		.command =
			"portroom list --udp --by process; portroom explain windows_ran_out",
		.source = ARTICLE,
	},
	{
		.name = "Tcpip 4227",
		.aliases = "event 4227",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_MAYBE,
		.code = 4227,
		.title = N_("the chosen port was recently used to the same destination"),
		.meaning = N_(
			"A connect was given a local port whose last connection to the same "
			"remote endpoint still waits in TIME_WAIT. Programs see 10048."),
		.tell = N_(
			"It shows many short connections to one destination. It is not a proof "
			"that all ports are gone: 4231 is."),
		.next = N_(
			"Find the destination with most TIME_WAIT and the program that opens and "
			"closes connections to it; keep them open."),
		.command = "portroom list --state time_wait --by dst; portroom explain "
			   "windows_time_wait",
		.source = "learn.microsoft.com, Event ID 4227; " ARTICLE,
	},
	{
		.name = "Tcpip 4226",
		.aliases = "event 4226",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_NO,
		.code = 4226,
		.title = N_("the limit on simultaneous connect attempts"),
		.meaning =
			N_("Windows XP SP2 to Vista slowed down programs with many half-open "
			   "connects."),
		.tell = N_("Not exhaustion, though the number lies next to 4227."),
		.next = N_(
			"Look for a program that connects to many addresses at once; on such old "
			"systems also for malware."),
		.source = "learn.microsoft.com, TCP/IP event 4226 (Windows XP SP2)",
	},
	{
		.name = "NETLOGON 5719",
		.aliases = "event 5719",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_MAYBE,
		.code = 5719,
		.title = N_("no secure session with a domain controller"),
		.meaning = N_(
			"The machine could not reach a domain controller; logons with domain "
			"accounts fail."),
		.tell = N_(
			"A companion of exhaustion on a machine that has run for long. At start-up "
			"it means a network that came up late; else DNS or a filter."),
		.next = N_("Look for Tcpip 4227, 4231 or 4266 in the hour before."),
		.source = ARTICLE,
	},
	{
		.name = "GroupPolicy 1129",
		.aliases = "event 1129|Group Policy 1129|Microsoft-Windows-GroupPolicy 1129",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_MAYBE,
		.code = 1129,
		.title = N_("Group Policy found no network way to a domain controller"),
		.meaning = N_(
			"The processing of Group Policy failed for lack of connectivity to a "
			"domain controller."),
		.tell = N_(
			"A companion of exhaustion on a machine that has run for long. At start-up "
			"it means a network that came up late; else DNS or a filter."),
		.next = N_("Look for Tcpip 4227, 4231 or 4266 in the hour before."),
		.source = ARTICLE,
	},
	{
		.name = "GroupPolicy 1053",
		.aliases = "event 1053|Group Policy 1053|Microsoft-Windows-GroupPolicy 1053",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_MAYBE,
		.code = 1053,
		.title = N_("Group Policy could not resolve the user name"),
		.meaning = N_("The domain controller could not be asked."),
		.tell = N_(
			"A companion of exhaustion if Tcpip events stand near it; else DNS or "
			"rights in the domain."),
		.next = N_("Look for Tcpip 4227, 4231 or 4266 in the hour before."),
		.source = ARTICLE,
	},
	{
		.name = "GroupPolicy 1054",
		.aliases = "event 1054|Group Policy 1054|Microsoft-Windows-GroupPolicy 1054",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_MAYBE,
		.code = 1054,
		.title = N_("Group Policy could not obtain the name of a domain controller"),
		.meaning = N_("The domain controller could not be asked."),
		.tell = N_(
			"A companion of exhaustion if Tcpip events stand near it; else DNS or "
			"rights in the domain."),
		.next = N_("Look for Tcpip 4227, 4231 or 4266 in the hour before."),
		.source = ARTICLE,
	},
	{
		.name = "DNS Client 1014",
		.aliases =
			"event 1014|DNS Client Events 1014|Microsoft-Windows-DNS-Client 1014",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_MAYBE,
		.code = 1014,
		.title = N_("no DNS server answered"),
		.meaning = N_(
			"Name resolution timed out. A query needs a UDP port, so it fails when "
			"there is none."),
		.tell = N_(
			"A companion of exhaustion if Tcpip 4266 stands near it and a query from "
			"another machine works; else the DNS server or the way to it."),
		.next = N_("Look for Tcpip 4227, 4231 or 4266 in the hour before."),
		.source = ARTICLE,
	},
	{
		.name = "DNS Client 8015",
		.aliases =
			"event 8015|DNS Client Events 8015|Microsoft-Windows-DNS-Client 8015",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_MAYBE,
		.code = 8015,
		.title = N_("the host's addresses could not be registered in DNS"),
		.meaning = N_(
			"Registering this machine failed, most often because the DNS server did not answer."),
		.tell = N_(
			"A companion of exhaustion if Tcpip events stand near it; else DNS or "
			"rights in the domain."),
		.next = N_("Look for Tcpip 4227, 4231 or 4266 in the hour before."),
		.source = "learn.microsoft.com, DNS client events",
	},
	{ 0 },
};
