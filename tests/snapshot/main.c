#include "suite.h"

#define SUITES(suite)                                                                         \
	suite(address) suite(evidence) suite(host_name) suite(join_evidence) suite(nat)       \
		suite(netns) suite(port_range) suite(port_set) suite(sample) suite(snapshot)  \
			suite(socket)

SUITES(SUITE_DECLARE)

int main(void)
{
	static const struct suite *const suites[] = { SUITES(SUITE_LIST) NULL };

	return suite_run("snapshot", suites);
}
