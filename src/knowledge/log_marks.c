#include "base/language.h"
#include "knowledge/topic.h"

/*
 * What an event log of Windows tells of itself and of the life of the machine: when it was started and ended, and that somebody
 * has cleared the log. No symptom; but ports that are leaked are all free after a start, and a log that was cleared proves
 * nothing of before.
 */
const struct topic topics_log_marks[] = {
	{
		.name = "EventLog 6005",
		.aliases = "event 6005",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_NO,
		.code = 6005,
		.title = N_("the event log was started: the system has booted"),
		.meaning = N_("Windows starts its event log at every start of the system."),
		.tell = N_(
			"A restart gives all ports back. If exhaustion comes again so long after each "
			"start, something leaks them."),
		.next = N_(
			"Compare the time since the start with the time at which ports ran out."),
		.source = "text of the event in Windows",
	},
	{
		.name = "EventLog 6006",
		.aliases = "event 6006",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_NO,
		.code = 6006,
		.title = N_("the event log was stopped: the system goes down"),
		.meaning =
			N_("Windows stops its event log at every orderly end of the system."),
		.tell = N_("What was wrong with ports before is gone with the restart."),
		.next = N_("Look for Tcpip 4227, 4231 or 4266 in the hours before."),
		.source = "text of the event in Windows",
	},
	{
		.name = "EventLog 6008",
		.aliases = "event 6008",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_NO,
		.code = 6008,
		.title = N_("the last end of the system was not expected"),
		.meaning = N_(
			"The system went down without an orderly end: power, a reset, a crash."),
		.tell = N_(
			"Somebody may have reset a machine that could not be reached; the event does "
			"not say why."),
		.next = N_("Look for Tcpip 4227, 4231 or 4266 in the hours before."),
		.source = "text of the event in Windows",
	},
	{
		.name = "User32 1074",
		.aliases = "event 1074|Microsoft-Windows-User32 1074",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_NO,
		.code = 1074,
		.title = N_("a program or a person has asked for a restart"),
		.meaning = N_("The event names the program, the user and the reason."),
		.tell = N_(
			"Somebody may have restarted the machine because it could not be reached."),
		.next = N_("Look for Tcpip 4227, 4231 or 4266 in the hours before."),
		.source = "text of the event in Windows",
	},
	{
		.name = "Kernel-General 12",
		.aliases = "event 12|Microsoft-Windows-Kernel-General 12",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_NO,
		.title = N_("the operating system has started"),
		.meaning =
			N_("The kernel writes it at every start, with the time of the start."),
		.tell = N_(
			"A restart gives all ports back. If exhaustion comes again so long after each "
			"start, something leaks them."),
		.next = N_(
			"Compare the time since the start with the time at which ports ran out."),
		.source = "text of the event in Windows",
	},
	{
		.name = "Kernel-General 13",
		.aliases = "event 13|Microsoft-Windows-Kernel-General 13",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_NO,
		.title = N_("the operating system goes down"),
		.meaning = N_("The kernel writes it at every orderly end."),
		.tell = N_("What was wrong with ports before is gone with the restart."),
		.next = N_("Look for Tcpip 4227, 4231 or 4266 in the hours before."),
		.source = "text of the event in Windows",
	},
	{
		.name = "Eventlog 104",
		.aliases = "event 104|Microsoft-Windows-Eventlog 104",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_NO,
		.title = N_("a log was cleared"),
		.meaning = N_(
			"Somebody has deleted all events of a log; the event names the log and the user."),
		.tell = N_(
			"What the log does not have from before then proves nothing: 4231 may have "
			"been in it."),
		.next = N_(
			"Ask for a copy of the log that was made before, or read other evidence."),
		.source = "text of the event in Windows",
	},
	{
		.name = "Eventlog 1102",
		.aliases = "event 1102|Microsoft-Windows-Eventlog 1102",
		.kind = TOPIC_EVENT,
		.exhaustion = EXHAUSTION_NO,
		.code = 1102,
		.title = N_("the security log was cleared"),
		.meaning = N_("Somebody has deleted all events of the security log."),
		.tell = N_(
			"The security log has no events of ports; whoever cleared it may have cleared others."),
		.next = N_("Look for Eventlog 104 in the system log."),
		.source = "text of the event in Windows",
	},
	{ 0 },
};
