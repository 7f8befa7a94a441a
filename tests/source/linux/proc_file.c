#include "source/linux/proc_file.h"

#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_fixture(const char *name)
{
	char path[512];
	int directory;

	snprintf(path, sizeof path, "%s/%s", FIXTURES, name);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_that(directory >= 0, "%s: %s", path, strerror(errno));
	return directory;
}

TEST(a_file_is_read_relative_to_its_directory)
{
	int proc = open_fixture("proc-web");
	char text[64];

	assert_int_equal(proc_file_read(proc, "sys/kernel/hostname", text, sizeof text), 5);
	assert_string_equal(text, "web1\n");
	close(proc);
}

TEST(a_file_longer_than_the_buffer_is_cut_and_ended)
{
	int proc = open_fixture("proc-web");
	char text[4];

	assert_int_equal(proc_file_read(proc, "sys/kernel/hostname", text, sizeof text), 3);
	assert_string_equal(text, "web");
	close(proc);
}

TEST(a_missing_file_is_an_error_with_its_number)
{
	int proc = open_fixture("proc-web");
	char text[4];
	size_t length;

	errno = 0;
	assert_int_equal(proc_file_read(proc, "no/such/file", text, sizeof text), -1);
	assert_int_equal(errno, ENOENT);
	errno = 0;
	assert_null(proc_file_read_all(proc, "no/such/file", 1000, &length));
	assert_int_equal(errno, ENOENT);
	errno = 0;
	assert_int_equal(proc_file_number(proc, "no/such/file"), -1);
	assert_int_equal(errno, ENOENT);
	errno = 0;
	assert_int_equal(proc_file_read(proc, "net", text, sizeof text), -1);
	assert_int_equal(errno, EISDIR);
	close(proc);
}

/* A file of that many bytes, to be read back whole. */
static int make_file(size_t size)
{
	char path[] = "/tmp/portroom-test-XXXXXX";
	int file = mkstemp(path);

	assert_true(file >= 0);
	for (size_t i = 0; i < size; i++)
		if (write(file, &"abcdefg"[i % 7], 1) != 1)
			fail();
	unlink(path);
	return file;
}

static void assert_read_whole(size_t size, size_t limit, size_t expected)
{
	int file = make_file(size);
	char path[64], *text;
	size_t length;

	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	text = proc_file_read_all(AT_FDCWD, path, limit, &length);
	assert_non_null(text);
	assert_int_equal(length, expected);
	assert_int_equal(strlen(text), expected);
	for (size_t i = 0; i < length; i++)
		assert_int_equal(text[i], "abcdefg"[i % 7]);
	free(text);
	close(file);
}

TEST(a_whole_file_is_read_whatever_its_size)
{
	assert_read_whole(0, 1 << 20, 0);
	assert_read_whole(1, 1 << 20, 1);
	assert_read_whole(65535, 1 << 20, 65535);
	assert_read_whole(65536, 1 << 20, 65536);
	assert_read_whole(65537, 1 << 20, 65537);
	assert_read_whole(300000, 1 << 20, 300000);
}

TEST(no_more_than_the_limit_is_read)
{
	assert_read_whole(1000, 100, 100);
	assert_read_whole(200000, 70000, 70000);
	assert_read_whole(100, 100, 100);
}

TEST(the_first_number_of_a_file_is_read)
{
	int web = open_fixture("proc-web"), broken = open_fixture("proc-broken");

	assert_int_equal(proc_file_number(web, "sys/net/ipv4/tcp_max_tw_buckets"), 262144);
	assert_int_equal(proc_file_number(web, "sys/net/ipv4/ip_local_port_range"), 40000);
	errno = 0;
	assert_int_equal(proc_file_number(broken, "sys/net/ipv4/tcp_tw_reuse"), -1);
	assert_int_equal(errno, EINVAL);
	close(web);
	close(broken);
}

TEST(a_link_is_read_and_not_followed)
{
	int proc = open_fixture("proc-web");
	char link[64], cut[8];

	assert_int_equal(proc_file_link(proc, "812/fd/4", link, sizeof link), 13);
	assert_string_equal(link, "socket:[6001]");
	assert_int_equal(proc_file_link(proc, "812/fd/4", cut, sizeof cut), 7);
	assert_string_equal(cut, "socket:");
	assert_int_equal(proc_file_link(proc, "812/fd/99", link, sizeof link), -1);
	assert_int_equal(proc_file_link(proc, "812/comm", link, sizeof link), -1);
	close(proc);
}

TEST(the_number_of_a_link_is_read_behind_its_prefix_only)
{
	assert_int_equal(proc_file_link_number("socket:[6001]", "socket:["), 6001);
	assert_int_equal(proc_file_link_number("net:[4026531840]", "net:["), 4026531840);
	assert_int_equal(proc_file_link_number("pipe:[6001]", "socket:["), 0);
	assert_int_equal(proc_file_link_number("socket:[", "socket:["), 0);
	assert_int_equal(proc_file_link_number("socket:[]", "socket:["), 0);
	assert_int_equal(proc_file_link_number("socket:[12", "socket:["), 0);
	assert_int_equal(proc_file_link_number("socket:[12x]", "socket:["), 0);
	assert_int_equal(proc_file_link_number("/dev/null", "socket:["), 0);
	assert_int_equal(proc_file_link_number("", "socket:["), 0);
}

SUITE(proc_file, cmocka_unit_test(a_file_is_read_relative_to_its_directory),
      cmocka_unit_test(a_file_longer_than_the_buffer_is_cut_and_ended),
      cmocka_unit_test(a_missing_file_is_an_error_with_its_number),
      cmocka_unit_test(a_whole_file_is_read_whatever_its_size),
      cmocka_unit_test(no_more_than_the_limit_is_read),
      cmocka_unit_test(the_first_number_of_a_file_is_read),
      cmocka_unit_test(a_link_is_read_and_not_followed),
      cmocka_unit_test(the_number_of_a_link_is_read_behind_its_prefix_only), );
