#include "source/artefact/windows/ranges.h"

#include "base/language.h"
#include "snapshot/snapshot.h"

#include <stdbool.h>

enum {
	DEFAULT_FIRST = 49152,
	DEFAULT_LAST = 65535,
	BUILD_VISTA = 6000,
	OLD_FIRST = 1025,
	OLD_LAST = 5000,
	FAMILIES = 2,
};

/* Before Windows Vista it was 1025 up to MaxUserPort, by itself 5000, for TCP and UDP and both families
 * (learn.microsoft.com, "The default dynamic port range for TCP/IP has changed"). */
static struct port_range default_range(const struct windows *windows)
{
	if (windows->build < 0 || windows->build >= BUILD_VISTA)
		return (struct port_range){ DEFAULT_FIRST, DEFAULT_LAST };
	if (windows->max_user_port >= OLD_FIRST)
		return (struct port_range){ OLD_FIRST, (uint16_t)windows->max_user_port };
	return (struct port_range){ OLD_FIRST, OLD_LAST };
}

void ranges_assume(struct windows *windows)
{
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < FAMILIES; i++) {
			struct windows_range *range = &windows->ranges[protocol][i];

			if (port_range_known(range->range))
				continue;
			range->range = default_range(windows);
			range->assumed = true;
		}
}

/* Whether counts of ports rest on the ranges of the protocol. */
static bool is_counted(const struct snapshot *snapshot, int protocol)
{
	const struct netns *netns = &snapshot->namespaces[0];

	return protocol == PROTOCOL_TCP ? netns->tcp_read || snapshot->evidence.counted_count :
					  netns->udp_read;
}

/* "tcp ipv6, udp ipv4", as rows are called; NULL: there is none. */
static const char *untold_rows(struct snapshot *snapshot, bool excluded, bool counted)
{
	static const char *const names[PROTOCOL_COUNT][FAMILIES] = {
		[PROTOCOL_TCP] = { "tcp ipv4", "tcp ipv6" },
		[PROTOCOL_UDP] = { "udp ipv4", "udp ipv6" },
	};
	const char *text = NULL;
	int count = 0;

	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < FAMILIES; i++) {
			const struct windows_range *range =
				&snapshot->windows->ranges[protocol][i];

			if (is_counted(snapshot, protocol) != counted ||
			    (excluded ? range->excluded_known : !range->assumed))
				continue;
			count++;
			text = text ? arena_print(&snapshot->arena, "%s, %s", text,
						  names[protocol][i]) :
				      names[protocol][i];
		}
	return count == PROTOCOL_COUNT * FAMILIES ? _("tcp and udp, ipv4 and ipv6") : text;
}

static const char *why_assumed(const struct snapshot *snapshot)
{
	if (!evidence_was_sent(&snapshot->evidence))
		return _(
			"neither WMI nor netsh told it; 49152 to 65535, the default, is assumed");
	return default_range(snapshot->windows).first == DEFAULT_FIRST ?
		       _("none of the files tells it; 49152 to 65535, the default, is assumed") :
		       _("none of the files tells it; the default of that Windows is assumed");
}

static void tell(struct snapshot *snapshot, bool counted)
{
	const enum gap_effect effect = counted ? GAP_ROOM : GAP_CLAIMS;
	const char *ranges = untold_rows(snapshot, false, counted);
	const char *excluded = untold_rows(snapshot, true, counted);

	if (ranges)
		snapshot_add_gap(snapshot, effect, -1,
				 arena_print(&snapshot->arena,
					     _("the dynamic port range of %s"), ranges),
				 why_assumed(snapshot),
				 _("netsh int ipv4 show dynamicport tcp tells it"));
	if (excluded)
		snapshot_add_gap(
			snapshot, effect, -1,
			arena_print(&snapshot->arena,
				    _("which ports are excluded from the range of %s"),
				    excluded),
			evidence_was_sent(&snapshot->evidence) ?
				_("none of the files tells it; none is assumed to be") :
				_("netsh did not tell it; none is assumed to be"),
			_("netsh int ipv4 show excludedportrange tcp tells it"));
}

void ranges_tell(struct snapshot *snapshot)
{
	tell(snapshot, true);
	tell(snapshot, false);
}
