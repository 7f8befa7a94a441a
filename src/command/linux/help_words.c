#include "command/help_words.h"

#include "base/language.h"

const enum topic_reader help_reader = READER_ON_LINUX;

const char help_check[] = N_(
	"Looks at every network namespace it can enter and gives a verdict: who uses the ports up, "
	"why, and what would help, with the room each remedy gives.");
const char help_explain[] = N_(
	"Says what an error (EADDRNOTAVAIL, 99, 10055, 0xC0000209), an event (4227), a TCP "
	"state, a term, a sysctl setting, a rule or a line of a log means, whether it points to "
	"ports that have run out, and what to do. FILE, a name with a slash or a dot, is a "
	"sysctl file to be judged, or a log; - is standard input. Without words it lists what "
	"it knows.");
const char help_handles[] = N_(
	"Lists processes by their open descriptors, with the sockets among them and the limit at "
	"which open() and socket() fail. With a PID: what that process has open, by kind, and its "
	"sockets.");

const char help_netns[] = N_("namespaces: all, own, host, a name, a pid or a path");
const char help_no_bpf[] = N_("load no BPF program; slower, samples and trace tell less");
const char help_root[] = N_("read a copied /proc instead of this machine");

const char help_unit[] = N_("only this systemd unit");
const char help_container[] = N_("only this container; a prefix will do");

const char help_src[] = N_("source address (bound with IP_BIND_ADDRESS_NO_PORT)");
const char help_dev[] = N_("for a socket bound to this interface (SO_BINDTODEVICE)");
const char help_port_range[] = N_("for a socket with IP_LOCAL_PORT_RANGE A-B");

const char help_reserve[] = N_("reserve ports of services that come to lie in the range");
const char help_force[] = N_("begin at 1024; an odd number of ports");
const char help_tcp[] = N_("as netsh chooses rows; on Linux all go together");
const char help_udp[] = N_("the same");
const char help_ipv4[] = N_("the same");
const char help_ipv6[] = N_("the same");

const char help_tw_reuse[] = N_("net.ipv4.tcp_tw_reuse");
const char help_tw_reuse_delay[] = N_("net.ipv4.tcp_tw_reuse_delay");
const char help_no_bind_first[] = N_("programs set IP_BIND_ADDRESS_NO_PORT before bind()");
