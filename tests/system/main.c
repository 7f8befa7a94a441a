#include "suite.h"

#include "suites.h"

#define SUITES(suite)                                                                         \
	suite(clock) suite(configuration) suite(file) suite(file_out) suite(line_file)        \
		suite(memory_file) suite(patience) suite(stream) suite(whole_file)

SUITES(SUITE_DECLARE)
SYSTEM_SUITES(SUITE_DECLARE)

int main(void)
{
	static const struct suite *const suites[] = { SUITES(SUITE_LIST)
							      SYSTEM_SUITES(SUITE_LIST) NULL };

	return suite_run("system", suites);
}
