#include "diagnosis/remedy.h"

#include "base/language.h"
#include "snapshot/dynamic_ports.h"

#include <string.h>
#include <strings.h>

/*
 * Remedies on Windows, as one types them in a PowerShell that runs as administrator; netsh and reg work in cmd, too.
 */

/* ---- the range ---- */

/* What begins there leaves out most ports that services are known by; the lowest start that Microsoft documents (1025) is
 * for whoever has that already (learn.microsoft.com, "The default dynamic port range for TCP/IP has changed"). */
static struct port_range wider_than(struct port_range now)
{
	enum { MODERATE = 10000, LOWEST = 1025, HIGHEST = 65535 };

	return (struct port_range){ now.first > MODERATE ? MODERATE : LOWEST, HIGHEST };
}

/* Where portroom looks at the machine itself it is there, and knows the way back; whoever sent files may not have it. */
static const char *range_command(struct diagnosis *diagnosis, struct port_range range,
				 bool udp, bool six)
{
	const char *protocol = udp ? "udp" : "tcp", *family = six ? "ipv6" : "ipv4";

	if (evidence_was_sent(&diagnosis->snapshot->evidence))
		return arena_print(&diagnosis->arena,
				   "netsh int %s set dynamicport %s start=%u num=%u", family,
				   protocol, range.first, port_range_size(range));
	return arena_print(&diagnosis->arena,
			   "portroom range set --first %u --last %u --%s --%s --persist",
			   range.first, range.last, protocol, family);
}

void remedy_windows_range(struct diagnosis *diagnosis, struct finding *finding,
			  const struct capacity_query *query)
{
	bool udp = query->kind == CAPACITY_UDP_CONNECT || query->kind == CAPACITY_UDP_BIND;
	const struct port_range now =
		dynamic_ports_of(diagnosis->snapshot, query->netns,
				 udp ? PROTOCOL_UDP : PROTOCOL_TCP, query->source.family)
			.range;
	const struct port_range wider = wider_than(now);
	const struct capacity_change change = { .range = wider };

	if (port_range_size(wider) <= port_range_size(now))
		return;
	remedy_add_with_room(
		diagnosis, finding, query, &change,
		(struct remedy){
			.text = _("widen the dynamic port range"),
			.command = range_command(diagnosis, wider, udp,
						 query->source.family == FAMILY_IPV6),
			.lasts = _("until these are used up, too"),
			.risk = _(
				"services that use fixed ports in it may find them taken: netsh "
				"int ipv4 add excludedportrange keeps these; firewalls may "
				"allow only the old range"),
		});
}

/* ---- the program ---- */

static bool is_named(const struct process *process, const char *name)
{
	size_t length = strlen(name);

	return process->name && !strncasecmp(process->name, name, length) &&
	       (!process->name[length] || !strcasecmp(process->name + length, ".exe"));
}

/* Windows stops with a blue screen when one of these ends. */
static bool is_vital(const struct process *process)
{
	static const char *const names[] = { "csrss", "lsass",	  "services",
					     "smss",  "winlogon", "wininit" };
	enum { SYSTEM = 4 };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (is_named(process, names[i]))
			return true;
	return process->pid <= SYSTEM;
}

/* A name that may be pasted: no other is made of such letters alone. */
static bool is_service_name(const char *name)
{
	enum { LONGEST = 256 }; /* learn.microsoft.com, CreateService */
	size_t length = name ? strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
					    "XYZ0123456789_.-") :
			       0;

	return length && !name[length] && length <= LONGEST && *name != '-';
}

static struct remedy ending(struct diagnosis *diagnosis, int64_t index)
{
	const struct process *process = &diagnosis->snapshot->processes[index];
	const char *who = words_process(diagnosis, index);

	if (is_service_name(process->unit))
		return (struct remedy){
			.text = arena_print(&diagnosis->arena, _("restart the service in %s"),
					    who),
			.command = arena_print(
				&diagnosis->arena,
				"powershell -Command \"Restart-Service -Force -Name %s\"",
				process->unit),
		};
	if (is_named(process, "svchost"))
		return (struct remedy){
			.text = arena_print(
				&diagnosis->arena,
				_("restart the service in %s; which there are is told by"),
				who),
			.command =
				arena_print(&diagnosis->arena,
					    "tasklist /svc /fi \"PID eq %d\"", process->pid),
		};
	return (struct remedy){
		.text = arena_print(&diagnosis->arena, _("end or restart %s"), who),
		.command = arena_print(&diagnosis->arena, "taskkill /F /PID %d", process->pid),
	};
}

void remedy_windows_end(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query, int64_t index)
{
	const struct process *process =
		index < 0 ? NULL : &diagnosis->snapshot->processes[index];
	const struct capacity_change change = { .without_process = true,
						.process = (uint32_t)index };
	struct remedy remedy;

	if (!process || process->ended)
		return;
	if (is_vital(process)) {
		rule_add_remedy(
			finding,
			remedy_aside(arena_print(&diagnosis->arena,
						 _("restart the machine: %s cannot be ended"),
						 words_process(diagnosis, index)),
				     NULL));
		return;
	}
	remedy = ending(diagnosis, index);
	remedy.lasts = _("until it has taken them again");
	remedy.risk = _("what it is doing is lost; connections that it closes rest in "
			"TIME_WAIT first");
	if (query) {
		remedy_add_with_room(diagnosis, finding, query, &change, remedy);
		return;
	}
	remedy.room_before = remedy.room_after_min = remedy.room_after_max = -1;
	rule_add_remedy(finding, remedy);
}

void remedy_windows_pooling(struct finding *finding)
{
	struct remedy remedy = remedy_aside(
		_("keep connections open and use them again (connection pool, HTTP "
		  "keep-alive)"),
		NULL);

	remedy.directive = _(".NET: one HttpClient for all requests; "
			     "ServicePointManager.ReusePort = true, or SO_REUSE_UNICASTPORT, "
			     "lets connections to different destinations share a port");
	rule_add_remedy(finding, remedy);
}

void remedy_windows_close(struct finding *finding)
{
	rule_add_remedy(
		finding,
		remedy_aside(_("mend the program, or ask its vendor: close sockets that "
			       "are no longer used"),
			     NULL));
}

void remedy_windows_dump(struct finding *finding)
{
	rule_add_remedy(
		finding,
		remedy_aside(_("if no process shows them, a driver may leak them: a complete "
			       "memory dump, taken in this state, tells its vendor"),
			     "portroom explain memory-dump"));
}

/* ---- TIME_WAIT ---- */

/* learn.microsoft.com documents 30 to 300 seconds (cc938217). */
enum { SHORTEST_WAIT_S = 30 };

void remedy_windows_wait(const struct diagnosis *diagnosis, struct finding *finding)
{
	struct remedy remedy = remedy_aside(
		_("TcpTimedWaitDelay=30: a closed connection keeps its port for 30 seconds"),
		"reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters "
		"/v TcpTimedWaitDelay /t REG_DWORD /d 30 /f");
	int now = diagnosis->snapshot->windows->timed_wait_delay_s;

	if (now >= 0 && now <= SHORTEST_WAIT_S)
		return;
	remedy.risk = _("it counts after a restart of Windows; late packets of a closed "
			"connection may reach a new one");
	rule_add_remedy(finding, remedy);
}

void remedy_windows_useless(struct finding *finding, bool rests)
{
	rule_add_useless(
		finding,
		_("MaxUserPort: Windows ignores it since Vista and Server 2008; netsh "
		  "int ipv4 set dynamicport is what counts"));
	if (!rests)
		rule_add_useless(finding,
				 _("TcpTimedWaitDelay: it is not TIME_WAIT that has these "
				   "ports"));
}
