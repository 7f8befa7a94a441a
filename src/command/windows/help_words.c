#include "command/help_words.h"

#include "base/language.h"

const enum topic_reader help_reader = READER_ON_WINDOWS;

/* What is of Linux stays an option: with --on it bears on what a machine with Linux left. */
const char help_check[] = N_(
	"Looks at the ports of this machine and gives a verdict: who uses them up, why, and what "
	"would help, with the room each remedy gives.");
const char help_explain[] = N_(
	"Says what an error (WSAENOBUFS, 10055, 0xC0000209), an event (4231), a TCP state, a "
	"term, a setting of netsh or the registry, a rule or a line of a log means, whether it "
	"points to ports that have run out, and what to do. FILE, a name with a slash or a dot, "
	"is a log, or a sysctl file of Linux to be judged; - is standard input. Without words "
	"it lists what it knows.");
const char help_handles[] = N_(
	"Lists processes by their open handles, with the sockets among them. With a PID: what "
	"that process has open, by kind, and its sockets.");

const char help_netns[] = N_("of Linux: Windows has no network namespaces");
const char help_no_bpf[] = N_("of Linux");
const char help_root[] = N_("of Linux: here --on FILE reads what another machine left");

const char help_unit[] = N_("only this service");
const char help_container[] = N_("of Linux");

const char help_src[] = N_("source address");
const char help_dev[] = N_("of Linux");
const char help_port_range[] = N_("of Linux");

const char help_reserve[] =
	N_("of Linux: here netsh int ipv4 add excludedportrange does that");
const char help_force[] = N_("ports of services in it; sockets that were not seen");
const char help_tcp[] = N_("only the ranges of TCP");
const char help_udp[] = N_("only the ranges of UDP");
const char help_ipv4[] = N_("only the ranges of IPv4");
const char help_ipv6[] = N_("only the ranges of IPv6");

const char help_tw_reuse[] = N_("of Linux");
const char help_tw_reuse_delay[] = N_("of Linux");
const char help_no_bind_first[] = N_("of Linux");
