#include "suite.h"

#define SUITES(suite)                                                                         \
	suite(arena) suite(error) suite(filetime) suite(index) suite(json) suite(text)        \
		suite(language) suite(schedule)

SUITES(SUITE_DECLARE)

int main(void)
{
	static const struct suite *const suites[] = { SUITES(SUITE_LIST) NULL };

	return suite_run("base", suites);
}
