#pragma once

struct netsh;
struct registry_route;
struct snapshot;
struct wmi_route;

/*
 * What Windows chooses ports from, into snapshot->windows, which is there: the four dynamic ranges, what is excluded from them, the
 * auto-reuse range, TcpTimedWaitDelay and MaxUserPort. Each route is told as a source of the snapshot; what no route
 * told is a gap, and the default is assumed and marked so.
 */
void windows_ranges_read(struct snapshot *snapshot);

/* The same by these; NULL: this Windows has it not. */
struct range_routes {
	const struct wmi_route *wmi;
	const struct netsh *netsh;
	const struct registry_route *registry;
};

void windows_ranges_read_by(const struct range_routes *routes, struct snapshot *snapshot);
