#include "base/schedule.h"

uint64_t schedule_take(struct schedule *schedule, int64_t now_ms)
{
	int64_t late_ms = now_ms - schedule->next_ms;
	int64_t missed = late_ms > 0 ? late_ms / schedule->interval_ms : 0;

	schedule->next_ms += (missed + 1) * schedule->interval_ms;
	return (uint64_t)missed;
}
