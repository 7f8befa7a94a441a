#include "source/linux/process/descriptors.h"

#include "suite.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct descriptors walk(const char *path)
{
	struct descriptors table = { 0 };
	int proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(proc >= 0);
	descriptors_walk(&table, proc);
	close(proc);
	return table;
}

static int32_t pid_of(const struct descriptors *table, uint32_t inode)
{
	const struct descriptor *found = descriptors_find(table, inode);

	return found ? table->processes[found->process].pid : 0;
}

TEST(every_open_socket_is_found_with_its_process)
{
	struct descriptors table = walk(FIXTURES "/proc-web");

	assert_int_equal(pid_of(&table, 6002), 812);
	assert_int_equal(pid_of(&table, 6004), 900);
	assert_int_equal(pid_of(&table, 5002), 1500);
	assert_int_equal(descriptors_find(&table, 6002)->number, 5);
	assert_int_equal(descriptors_find(&table, 5002)->number, 3);
	descriptors_free(&table);
}

TEST(a_socket_that_two_processes_share_belongs_to_the_lower_pid)
{
	struct descriptors table = walk(FIXTURES "/proc-web");

	assert_int_equal(pid_of(&table, 5001), 812);
	assert_int_equal(pid_of(&table, 6001), 812);
	descriptors_free(&table);
}

TEST(what_nobody_has_open_is_not_found)
{
	struct descriptors table = walk(FIXTURES "/proc-web"), empty = { 0 };

	assert_null(descriptors_find(&table, 0));
	assert_null(descriptors_find(&table, 7777));
	assert_null(descriptors_find(&table, 9001)); /* a pipe */
	assert_null(descriptors_find(&empty, 6001));
	descriptors_free(&table);
}

TEST(processes_with_sockets_are_kept_and_all_are_counted)
{
	struct descriptors table = walk(FIXTURES "/proc-web");

	assert_int_equal(table.process_count, 3);
	assert_int_equal(table.processes[0].pid, 812);
	assert_int_equal(table.processes[0].descriptors, 15);
	assert_int_equal(table.processes[0].sockets, 13);
	assert_int_equal(table.processes[0].start_ticks, 360000);
	assert_int_equal(table.processes[1].pid, 900);
	assert_int_equal(table.processes[2].pid, 1500);
	assert_int_equal(table.count, 17); /* two of the 19 are shared */
	assert_int_equal(table.processes_read, 5);
	assert_int_equal(table.processes_refused, 0);
	assert_int_equal(table.failed, 0);
	descriptors_free(&table);
}

TEST(links_that_are_cut_short_are_no_sockets)
{
	struct descriptors table = walk(FIXTURES "/proc-broken");

	assert_int_equal(table.count, 1);
	assert_int_equal(table.processes[0].sockets, 1);
	assert_int_equal(table.processes[0].descriptors, 3);
	assert_int_equal(table.processes[0].start_ticks, 0);
	descriptors_free(&table);
}

TEST(a_live_proc_shows_our_own_socket)
{
	int own = socket(AF_INET, SOCK_DGRAM, 0);
	struct descriptors table = walk("/proc");
	const struct descriptor *found;
	struct stat status;

	assert_int_equal(fstat(own, &status), 0);
	assert_int_equal(pid_of(&table, (uint32_t)status.st_ino), getpid());
	found = descriptors_find(&table, (uint32_t)status.st_ino);
	assert_int_equal(found->number, own);
	assert_true(table.processes[found->process].start_ticks > 0);
	close(own);
	descriptors_free(&table);
}

SUITE(descriptors, cmocka_unit_test(every_open_socket_is_found_with_its_process),
      cmocka_unit_test(a_socket_that_two_processes_share_belongs_to_the_lower_pid),
      cmocka_unit_test(what_nobody_has_open_is_not_found),
      cmocka_unit_test(processes_with_sockets_are_kept_and_all_are_counted),
      cmocka_unit_test(links_that_are_cut_short_are_no_sockets),
      cmocka_unit_test(a_live_proc_shows_our_own_socket), );
