#include "source/windows/range/ranges.h"

#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/artefact/windows/ranges.h"
#include "source/windows/range/netsh_command.h"
#include "source/windows/range/netsh_rows.h"
#include "source/windows/range/registry_settings.h"
#include "source/windows/range/wmi_settings.h"
#include "system/clock.h"

/*
 * WMI is asked first and netsh runs meanwhile. Both are wanted: WMI tells the auto-reuse range and needs no text to be read,
 * netsh tells IPv4 and IPv6 apart, and what is excluded. Where they disagree that is said, and netsh's row is taken.
 */
enum { WMI_LIMIT_MS = 5000, FAMILIES = 2 };

static void add_source(struct snapshot *snapshot, const char *name, bool used,
		       double milliseconds, const char *why_not)
{
	snapshot_add_source(snapshot, &(struct source_report){
					      .name = name,
					      .used = used,
					      .sockets = -1,
					      .milliseconds = milliseconds,
					      .why_not = why_not,
				      });
}

/* ---- WMI ---- */

static void note_templates(struct snapshot *snapshot, const struct net_settings *settings,
			   const char *what, const char *command)
{
	if (settings->dynamic_differs)
		snapshot_add_gap(snapshot, GAP_CLAIMS, -1, what,
				 _("the templates in WMI have different ranges; the first "
				   "one's was looked at"),
				 command);
}

static void take_reuse(struct windows *windows, const struct net_settings *tcp)
{
	windows->auto_reuse_known = tcp->reuse_known;
	windows->auto_reuse = tcp->reuse;
}

static void read_wmi(struct snapshot *snapshot, struct wmi_job *job,
		     struct wmi_settings *settings)
{
	struct error error;
	bool told = !wmi_settings_answer(job, WMI_LIMIT_MS, settings, &error);

	add_source(snapshot, "wmi", told, settings->milliseconds,
		   told ? NULL : arena_copy(&snapshot->arena, error.text));
	if (!told)
		return;
	take_reuse(snapshot->windows, &settings->tcp);
	note_templates(snapshot, &settings->tcp, _("the dynamic port range of tcp"),
		       _("powershell Get-NetTCPSetting shows them all"));
	note_templates(snapshot, &settings->udp, _("the dynamic port range of udp"),
		       _("powershell Get-NetUDPSetting shows them all"));
}

static bool is_same(struct port_range one, struct port_range other)
{
	return one.first == other.first && one.last == other.last;
}

/* WMI's is of IPv4, of IPv6, or of both: none of its pages says. */
static void compare(struct snapshot *snapshot, enum protocol protocol, struct port_range wmi)
{
	const struct windows_range *rows = snapshot->windows->ranges[protocol];
	const struct windows_range *told =
		port_range_known(rows[0].range) ? &rows[0] : &rows[1];

	if (!port_range_known(wmi) || !port_range_known(told->range) ||
	    is_same(wmi, rows[0].range) || is_same(wmi, rows[1].range))
		return;
	snapshot_add_gap(
		snapshot, GAP_ROOM, -1,
		arena_print(&snapshot->arena, _("the dynamic port range of %s"),
			    protocol_name(protocol)),
		arena_print(&snapshot->arena,
			    _("WMI tells %u-%u, netsh %u-%u; netsh's was taken"), wmi.first,
			    wmi.last, told->range.first, told->range.last),
		protocol == PROTOCOL_TCP ?
			"powershell Get-NetTCPSetting; netsh int ipv4 show dynamicport tcp" :
			"powershell Get-NetUDPSetting; netsh int ipv4 show dynamicport udp");
}

static void fill_from_wmi(struct windows *windows, enum protocol protocol,
			  struct port_range wmi)
{
	for (int i = 0; i < FAMILIES && port_range_known(wmi); i++) {
		struct windows_range *row = &windows->ranges[protocol][i];

		if (port_range_known(row->range))
			continue;
		row->range = wmi;
		row->family_unsaid = true;
	}
}

/* ---- netsh ---- */

/* The sets are the snapshot's then. */
static void take_netsh(struct snapshot *snapshot, const struct netsh_rows *rows)
{
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < FAMILIES; i++)
			snapshot->windows->ranges[protocol][i] = rows->rows[protocol][i];
	add_source(snapshot, "netsh", rows->told > 0, rows->milliseconds, rows->why_not);
}

/* ---- the registry ---- */

static void read_registry(struct snapshot *snapshot, const struct registry_route *route)
{
	const double started = clock_monotonic_s();
	struct registry_settings settings;

	registry_settings_read(route, &settings);
	snapshot->windows->timed_wait_delay_s = settings.timed_wait_delay_s;
	snapshot->windows->max_user_port = settings.max_user_port;
	add_source(snapshot, "registry", !settings.why_not,
		   (clock_monotonic_s() - started) * 1e3,
		   arena_copy(&snapshot->arena, settings.why_not));
	if (settings.why_not)
		snapshot_add_gap(
			snapshot, GAP_CLAIMS, -1, _("TcpTimedWaitDelay and MaxUserPort"),
			arena_copy(&snapshot->arena, settings.why_not),
			"reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters");
}

/* ---- all of them ---- */

void windows_ranges_read_by(const struct range_routes *routes, struct snapshot *snapshot)
{
	struct windows *windows = snapshot->windows;
	struct wmi_settings settings = { .milliseconds = 0 };
	struct wmi_job *job = routes->wmi ? wmi_settings_ask(routes->wmi) : NULL;
	struct netsh_rows rows;

	netsh_rows_read(&rows, routes->netsh, NETSH_RANGES_AND_EXCLUDED, &snapshot->arena);
	if (routes->wmi)
		read_wmi(snapshot, job, &settings);
	else
		add_source(snapshot, "wmi", false, 0, _("this Windows does not have it"));
	take_netsh(snapshot, &rows);
	compare(snapshot, PROTOCOL_TCP, settings.tcp.dynamic);
	compare(snapshot, PROTOCOL_UDP, settings.udp.dynamic);
	fill_from_wmi(windows, PROTOCOL_TCP, settings.tcp.dynamic);
	fill_from_wmi(windows, PROTOCOL_UDP, settings.udp.dynamic);
	read_registry(snapshot, routes->registry);
	if (!windows->build)
		windows->build = -1; /* nobody has told it: then it is one of today */
	ranges_assume(windows);
}

void windows_ranges_read(struct snapshot *snapshot)
{
	struct wmi_route wmi;
	const struct registry_route registry = registry_route_of_system();
	const struct range_routes routes = {
		.wmi = wmi_route_find(&wmi) ? &wmi : NULL,
		.netsh = &netsh_of_system,
		.registry = &registry,
	};

	windows_ranges_read_by(&routes, snapshot);
}
