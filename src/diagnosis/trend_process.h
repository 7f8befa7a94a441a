#pragma once

struct snapshot;
struct trend;

/* Fills in the processes, and who of them grows. Times are there already. */
void trend_follow_processes(struct trend *trend, const struct snapshot *snapshot);
