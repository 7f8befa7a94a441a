#include "suite.h"

/* clang-format off */
#define SUITES(suite)            \
	suite(check_text) \
	suite(check_json) \
	suite(check_line) \
	suite(close_view) \
	suite(command_line) \
	suite(events) \
	suite(explain)    \
	suite(room)       \
	suite(range)      \
	suite(range_change) \
	suite(range_change_windows) \
	suite(handles) \
	suite(probe) \
	suite(lab) \
	suite(logged_view) \
	suite(whatif_view) \
	suite(watch) \
	suite(list)       \
	suite(saved_view) \
	suite(trace)      \
	suite(trend_view) \
	suite(view)       \
	suite(layout)     \
	suite(windows_view)
/* clang-format on */

SUITES(SUITE_DECLARE)

int main(void)
{
	static const struct suite *const suites[] = { SUITES(SUITE_LIST) NULL };

	return suite_run("view", suites);
}
