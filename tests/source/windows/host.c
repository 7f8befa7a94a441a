#include "source/windows/host.h"

#include "base/arena.h"
#include "snapshot/snapshot.h"
#include "suite.h"

#include <string.h>

TEST(windows_11_is_called_so_though_the_registry_does_not)
{
	assert_string_equal(host_system_of("Windows 10 Pro", "22H2", 19045),
			    "Windows 10 Pro 22H2");
	assert_string_equal(host_system_of("Windows 10 Pro", "23H2", 22631),
			    "Windows 11 Pro 23H2");
	assert_string_equal(host_system_of("Windows Server 2022 Standard", NULL, 20348),
			    "Windows Server 2022 Standard");
	assert_string_equal(host_system_of(NULL, NULL, 0), "Windows");
}

TEST(this_machine_has_a_name_and_a_build)
{
	struct snapshot snapshot = { 0 };

	snapshot.windows = arena_alloc(&snapshot.arena, sizeof *snapshot.windows);
	host_describe(&snapshot);
	assert_non_null(snapshot.host_name);
	assert_non_null(strstr(snapshot.system, "Windows"));
	assert_true(snapshot.windows->build >= 7601);
	assert_non_null(snapshot.kernel);
	snapshot_free(&snapshot);
}

SUITE(host, cmocka_unit_test(windows_11_is_called_so_though_the_registry_does_not),
      cmocka_unit_test(this_machine_has_a_name_and_a_build));
