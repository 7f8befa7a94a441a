#include "system/windows/file_errno.h"

#include "suite.h"

#include <errno.h>
#include <windows.h>

TEST(what_is_not_there_is_known_from_what_may_not_be_seen)
{
	assert_int_equal(file_errno(ERROR_PATH_NOT_FOUND), ENOENT);
	assert_int_equal(file_errno(ERROR_ACCESS_DENIED), EACCES);
	assert_int_equal(file_errno(ERROR_ALREADY_EXISTS), EEXIST);
}

TEST(a_full_disk_is_one_whichever_way_it_is_said)
{
	assert_int_equal(file_errno(ERROR_DISK_FULL), ENOSPC);
	assert_int_equal(file_errno(ERROR_HANDLE_DISK_FULL), ENOSPC);
	assert_int_equal(file_errno(1295), ENOSPC);
}

TEST(what_has_no_errno_is_an_error_of_the_device)
{
	assert_int_equal(file_errno(ERROR_CRC), EIO);
}

SUITE(file_errno, cmocka_unit_test(what_is_not_there_is_known_from_what_may_not_be_seen),
      cmocka_unit_test(a_full_disk_is_one_whichever_way_it_is_said),
      cmocka_unit_test(what_has_no_errno_is_an_error_of_the_device), );
