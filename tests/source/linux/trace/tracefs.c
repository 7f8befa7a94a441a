#include "source/linux/trace/tracefs.h"

#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char event[] = "sock/inet_sock_set_state";

static int open_fixture(void)
{
	char path[512];
	int folder;

	snprintf(path, sizeof path, "%s/tracefs", FIXTURES);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(folder >= 0);
	return folder;
}

TEST(an_event_has_a_number)
{
	int folder = open_fixture();

	assert_int_equal(tracefs_event_id(folder, event), 2287);
	assert_int_equal(tracefs_event_id(folder, "sock/no_such"), -1);
	close(folder);
}

TEST(a_field_is_found_by_its_whole_name)
{
	static const struct {
		const char *name;
		int offset;
	} fields[] = {
		{ "common_pid", 4 }, { "skaddr", 8 },	{ "oldstate", 16 }, { "sport", 24 },
		{ "family", 28 },    { "saddr", 32 },	{ "daddr", 36 },    { "saddr_v6", 40 },
		{ "daddr_v6", 56 },  { "state", -1 },	{ "addr", -1 },	    { "sadd", -1 },
		{ "__u16", -1 },     { "no_such", -1 },
	};
	int folder = open_fixture();

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		assert_that(tracefs_field_offset(folder, event, fields[i].name) ==
				    fields[i].offset,
			    "%s", fields[i].name);
	assert_int_equal(tracefs_field_offset(folder, "sock/no_such", "family"), -1);
	close(folder);
}

SUITE(tracefs, cmocka_unit_test(an_event_has_a_number),
      cmocka_unit_test(a_field_is_found_by_its_whole_name));
