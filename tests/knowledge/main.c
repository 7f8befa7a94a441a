#include "suite.h"

#define SUITES(suite)                                                                         \
	suite(topic) suite(number) suite(endpoint) suite(explain_table) suite(messages)       \
		suite(programs) suite(sysctl_file) suite(chinese)

SUITES(SUITE_DECLARE)

int main(void)
{
	static const struct suite *const suites[] = { SUITES(SUITE_LIST) NULL };

	return suite_run("knowledge", suites);
}
