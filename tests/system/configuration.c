#include "system/configuration.h"

#include "suite.h"

#include <string.h>

TEST(the_configuration_has_an_absolute_path)
{
	const char *path = configuration_path();

	assert_true(path[0] == '/' || (path[1] == ':' && path[2] == '\\'));
	assert_non_null(strstr(path, "portroom.conf"));
}

SUITE(configuration, cmocka_unit_test(the_configuration_has_an_absolute_path));
