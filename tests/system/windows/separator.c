#include "system/file.h"

#include "suite.h"

TEST(without_a_sign_of_his_own_somebody_gets_that_of_windows)
{
	assert_int_equal(file_separator("sent"), '\\');
	assert_int_equal(file_separator("C:\\sent"), '\\');
	assert_int_equal(file_separator("C:\\sent/today"), '\\');
	assert_int_equal(file_separator("C:/sent"), '/');
	assert_true(file_is_separator('\\'));
}

SUITE(separator, cmocka_unit_test(without_a_sign_of_his_own_somebody_gets_that_of_windows));
