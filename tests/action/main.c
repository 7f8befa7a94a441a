#include "suite.h"

#include "suites.h"

#define SUITES(suite)                                                                         \
	suite(probe_resolve) suite(probe_run) suite(range_lines) suite(range_trial)           \
		suite(winsock)

SUITES(SUITE_DECLARE)
SYSTEM_SUITES(SUITE_DECLARE)

int main(void)
{
	static const struct suite *const suites[] = { SUITES(SUITE_LIST)
							      SYSTEM_SUITES(SUITE_LIST) NULL };

	return suite_run("action", suites);
}
