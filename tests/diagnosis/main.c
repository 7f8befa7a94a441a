#include "suite.h"

/* clang-format off */
#define SUITES(suite)                 \
	suite(overlap)                \
	suite(connect_room)           \
	suite(time_wait_room)         \
	suite(uncertain_room)         \
	suite(bind_room)              \
	suite(udp_room)               \
	suite(changed_room)           \
	suite(trend)                  \
	suite(threshold)              \
	suite(event_groups)           \
	suite(failure_groups)         \
	suite(in_use) \
	suite(logged) \
	suite(close_plan)             \
	suite(fullest)                \
	suite(opens)                  \
	suite(pace)                   \
	suite(range_plan)             \
	suite(windows_range_plan)     \
	suite(whatif)                 \
	suite(makers)                 \
	suite(rates)                  \
	suite(directive)              \
	suite(summary)                \
	suite(diagnosis)              \
	suite(usage)                  \
	suite(pages)                  \
	suite(bind_pool_full)         \
	suite(bound_only_leak)        \
	suite(busy_but_healthy)       \
	suite(close_wait_leak)        \
	suite(destination_full)       \
	suite(facts_missing)          \
	suite(filling_in_series)      \
	suite(filling_up)             \
	suite(listeners_in_range)     \
	suite(nodeports_in_range)     \
	suite(range_full)             \
	suite(range_narrow)           \
	suite(range_odd)              \
	suite(socket_range_full)      \
	suite(time_wait_pileup)       \
	suite(autobind_reuse)         \
	suite(conntrack_full)         \
	suite(handles_many) \
	suite(descriptor_limit)       \
	suite(ports_without_process)  \
	suite(time_wait_overflow)     \
	suite(fin_wait2_pileup)       \
	suite(syn_sent_blackhole)     \
	suite(one_parity_full)        \
	suite(time_wait_churn)        \
	suite(syn_timeout)            \
	suite(udp_pool_full)          \
	suite(nat)                    \
	suite(snat_full)              \
	suite(windows_capacity)       \
	suite(ran_out) \
	suite(windows_ran_out) \
	suite(watched_look) \
	suite(windows_bound_leak) \
	suite(windows_close_wait_leak) \
	suite(windows_destination_full) \
	suite(windows_range_full) \
	suite(windows_cannot_tell) \
	suite(windows_time_wait)
/* clang-format on */

SUITES(SUITE_DECLARE)

int main(void)
{
	static const struct suite *const suites[] = { SUITES(SUITE_LIST) NULL };

	return suite_run("diagnosis", suites);
}
