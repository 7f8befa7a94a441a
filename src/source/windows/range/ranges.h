#pragma once

struct snapshot;

/*
 * What Windows chooses ports from, into snapshot->windows, which is there: the four dynamic ranges, what is excluded from them, the
 * auto-reuse range, TcpTimedWaitDelay and MaxUserPort. Each route is told as a source of the snapshot; what no route
 * told is a gap, and the default is assumed and marked so.
 */
void windows_ranges_read(struct snapshot *snapshot);
