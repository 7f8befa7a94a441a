#include "source/windows/process/handles.h"

#include "process/fake_nt.h"
#include "snapshot/snapshot.h"
#include "suite.h"

#include <windows.h>

/* Handles of our own process, which is there whatever system it is. */
static int count_handles(const struct fake_handle *handles, size_t count,
			 struct handles *counted, struct snapshot *snapshot)
{
	struct nt_route route;
	struct error error;
	int result;

	*snapshot = (struct snapshot){ 0 };
	fake_begin(handles, count, &route);
	result = handles_read_by(&route, counted, snapshot, (int32_t)GetCurrentProcessId(),
				 &error);
	fake_end();
	return result;
}

TEST(what_does_not_tell_what_it_is_is_counted)
{
	int32_t own = (int32_t)GetCurrentProcessId();
	const struct fake_handle handles[] = {
		{ own, 4, FAKE_FILE_TYPE, FAKE_SOCKET, "10.0.0.5:50000" },
		{ own, 8, FAKE_FILE_TYPE, FAKE_FILE },
		{ own, 12, FAKE_FILE_TYPE, FAKE_HANGING },
		{ own, 16, FAKE_EVENT_TYPE, FAKE_FILE },
	};
	struct handles counted;
	struct snapshot snapshot;

	assert_int_equal(count_handles(handles, 4, &counted, &snapshot), 0);
	assert_int_equal(counted.count, 1);
	assert_true(counted.items[0].kinds[HANDLE_SOCKET] == 1);
	assert_int_equal(counted.unanswered, 1);
	assert_int_equal(counted.refused, 0);
	handles_free(&counted);
	snapshot_free(&snapshot);

	assert_int_equal(count_handles(handles, 2, &counted, &snapshot), 0);
	assert_true(counted.items[0].kinds[HANDLE_SOCKET] == 1);
	assert_int_equal(counted.unanswered, 0);
	handles_free(&counted);
	snapshot_free(&snapshot);
}

SUITE(handles, cmocka_unit_test(what_does_not_tell_what_it_is_is_counted));
