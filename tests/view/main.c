#include "suite.h"

#define SUITES(suite)                                                                         \
	suite(check_text) suite(check_json) suite(room) suite(range) suite(list) suite(view)  \
		suite(layout)

SUITES(SUITE_DECLARE)

int main(void)
{
	static const struct suite *const suites[] = { SUITES(SUITE_LIST) NULL };

	return suite_run("view", suites);
}
