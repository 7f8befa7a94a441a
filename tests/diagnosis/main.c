#include "suite.h"

#define SUITES(suite)                                                                         \
	suite(overlap) suite(connect_room) suite(time_wait_room) suite(uncertain_room) suite( \
		bind_room) suite(udp_room) suite(changed_room) suite(diagnosis) suite(usage)  \
		suite(bind_pool_full) suite(bound_only_leak) suite(busy_but_healthy) suite(   \
			close_wait_leak) suite(destination_full) suite(facts_missing)         \
			suite(range_full) suite(socket_range_full) suite(time_wait_pileup)    \
				suite(udp_pool_full) suite(fin_wait2_pileup)                  \
					suite(syn_sent_blackhole) suite(one_parity_full)      \
						suite(time_wait_churn) suite(syn_timeout)

SUITES(SUITE_DECLARE)

int main(void)
{
	static const struct suite *const suites[] = { SUITES(SUITE_LIST) NULL };

	return suite_run("diagnosis", suites);
}
