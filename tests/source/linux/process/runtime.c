#include "source/linux/process/runtime.h"

#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A folder like that of a process in /proc, with these mappings and no executable. */
static const char *mapped(const char *text, size_t length)
{
	char path[] = "/tmp/portroom-runtime-XXXXXX";
	const char *runtime;
	int directory, fd;

	assert_non_null(mkdtemp(path));
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(directory >= 0);
	fd = openat(directory, "maps", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), (ssize_t)length);
	close(fd);
	runtime = runtime_of(directory);
	unlinkat(directory, "maps", 0);
	close(directory);
	rmdir(path);
	return runtime;
}

static const char *mapped_line(const char *rights, const char *path)
{
	char text[512];
	int length =
		snprintf(text, sizeof text,
			 "55d0c6a00000-55d0c6a01000 r--p 00000000 08:01 130 /opt/app/run\n"
			 "7f3a00000000-7f3a00100000 %s 00000000 08:01 131    %s\n"
			 "7ffc3aa00000-7ffc3aa21000 rw-p 00000000 00:00 0    [stack]\n",
			 rights, path);

	return mapped(text, (size_t)length);
}

TEST(the_library_a_program_runs_in_tells)
{
	assert_string_equal(mapped_line("r-xp", "/opt/app/jre/lib/server/libjvm.so"), "Java");
	assert_string_equal(mapped_line("r-xp", "/opt/app/libcoreclr.so"), ".NET");
	assert_string_equal(mapped_line("r-xs", "/memfd:doublemapper (deleted)"), ".NET");
}

TEST(a_library_replaced_by_an_update_tells_still)
{
	assert_string_equal(mapped_line("r-xp", "/opt/jre/lib/server/libjvm.so (deleted)"),
			    "Java");
}

TEST(what_is_only_called_like_it_tells_nothing)
{
	assert_null(mapped_line("r-xp", "/opt/app/libjvm.so.bak"));
	assert_null(mapped_line("r-xp", "/opt/app/notlibjvm.so"));
	assert_null(mapped_line("r-xp", "/opt/libjvm.so/other"));
	assert_null(mapped_line("r-xp", "[libjvm.so]"));
	assert_null(mapped_line("r-xp", "/memfd:doublemapper2 (deleted)"));
}

TEST(a_library_that_is_only_read_tells_nothing)
{
	assert_null(mapped_line("r--p", "/opt/app/jre/lib/server/libjvm.so"));
	assert_null(mapped_line("rw-s", "/memfd:doublemapper (deleted)"));
}

TEST(lines_are_whole_wherever_a_read_ends)
{
	static const char line[] =
		"7f3a00000000-7f3a00100000 r-xp 00000000 08:01 131 /x/libjvm.so\n";
	static char text[40000];

	for (size_t before = 16384 - sizeof line; before <= 16384; before++) {
		memset(text, 'x', before);
		for (size_t at = 99; at < before; at += 100)
			text[at] = '\n';
		text[before - 1] = '\n';
		memcpy(text + before, line, sizeof line - 1);
		assert_that(mapped(text, before + sizeof line - 1), "%zu bytes before",
			    before);
	}
}

TEST(lines_without_an_end_and_without_a_shape_are_passed_over)
{
	static char text[100000];

	memset(text, 'x', sizeof text);
	assert_null(mapped(text, sizeof text));
	memset(text, ' ', sizeof text);
	assert_null(mapped(text, sizeof text));
	memset(text, '\n', sizeof text);
	assert_null(mapped(text, sizeof text));
	memset(text, 0, sizeof text);
	assert_null(mapped(text, sizeof text));
	assert_null(mapped(" r-x", 4));
	assert_null(mapped("", 0));
}

TEST(a_process_that_tells_nothing_is_not_known)
{
	int here = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int nowhere = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_null(runtime_of(here));
	assert_null(runtime_of(nowhere));
	assert_null(runtime_of(-1));
	close(here);
	close(nowhere);
}

SUITE(runtime, cmocka_unit_test(the_library_a_program_runs_in_tells),
      cmocka_unit_test(a_library_replaced_by_an_update_tells_still),
      cmocka_unit_test(what_is_only_called_like_it_tells_nothing),
      cmocka_unit_test(a_library_that_is_only_read_tells_nothing),
      cmocka_unit_test(lines_are_whole_wherever_a_read_ends),
      cmocka_unit_test(lines_without_an_end_and_without_a_shape_are_passed_over),
      cmocka_unit_test(a_process_that_tells_nothing_is_not_known));
