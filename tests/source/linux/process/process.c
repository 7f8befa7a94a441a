#include "source/linux/process/process.h"

#include "snapshot/snapshot.h"
#include "source/linux/process/descriptors.h"

#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_proc(void)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(proc >= 0);
	return proc;
}

/* When the process began, as a ledger notes it: somewhere within its tick. */
static uint64_t start_ns(int proc, pid_t pid)
{
	uint64_t tick_ns = UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK), ticks;
	char path[32];
	int directory;

	snprintf(path, sizeof path, "%d", pid);
	directory = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(directory >= 0);
	ticks = descriptors_start_ticks(directory);
	close(directory);
	assert_true(ticks > 0);
	return ticks * tick_ns + tick_ns / 2;
}

/* What the snapshot says of the noted process. */
static struct process look(int proc, const struct noted_process *noted,
			   struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){ 0 };
	assert_int_equal(
		process_add_noted(snapshot, &(struct process_reader){ .proc = proc }, noted),
		0);
	return snapshot->processes[0];
}

TEST(a_noted_process_that_runs_is_read_from_proc)
{
	int proc = open_proc();
	struct snapshot snapshot;
	struct noted_process noted = { .pid = getpid(),
				       .start_ns = start_ns(proc, getpid()),
				       .name = "long ago",
				       .user = 12345 };
	struct process process = look(proc, &noted, &snapshot);

	assert_int_equal(process.pid, getpid());
	assert_false(process.ended);
	assert_string_equal(process.name, "test-source");
	assert_non_null(process.executable);
	assert_int_equal(process.user, getuid());
	assert_int_equal(process.descriptors, -1);
	assert_true(process.start_time > 0);
	snapshot_free(&snapshot);
	close(proc);
}

/* A zombie has ended, and so has it when its parent has asked how. */
TEST(of_a_process_that_has_ended_there_is_what_was_noted)
{
	int proc = open_proc(), ready[2], status;
	struct noted_process noted = { .name = "maker", .user = 0 };
	char byte;

	assert_int_equal(pipe(ready), 0);
	noted.pid = fork();
	if (!noted.pid) {
		close(ready[1]);
		_exit(read(ready[0], &byte, 1) != 0);
	}
	noted.start_ns = start_ns(proc, noted.pid);
	close(ready[1]);
	close(ready[0]);
	assert_int_equal(waitid(P_PID, (id_t)noted.pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT),
			 0);
	for (unsigned reaped = 0; reaped < 2; reaped++) {
		struct snapshot snapshot;
		struct process process = look(proc, &noted, &snapshot);

		assert_true(process.ended);
		assert_int_equal(process.pid, noted.pid);
		assert_string_equal(process.name, "maker");
		assert_string_equal(process.user_name, "root");
		assert_null(process.executable);
		assert_int_equal(process.start_ticks, descriptors_ticks(noted.start_ns));
		assert_true(process.start_time > 0);
		assert_int_equal(process.descriptors, -1);
		assert_int_equal(process.descriptor_limit, -1);
		snapshot_free(&snapshot);
		if (!reaped)
			assert_int_equal(waitpid(noted.pid, &status, 0), noted.pid);
	}
	close(proc);
}

TEST(another_process_that_has_its_number_by_now_is_not_meant)
{
	int proc = open_proc();
	struct snapshot snapshot;
	struct noted_process noted = { .pid = getpid(),
				       .start_ns = start_ns(proc, getpid()) - 1000000000,
				       .name = "maker",
				       .user = -1 };
	struct process process = look(proc, &noted, &snapshot);

	assert_true(process.ended);
	assert_string_equal(process.name, "maker");
	assert_null(process.executable);
	assert_null(process.user_name);
	snapshot_free(&snapshot);
	close(proc);
}

TEST(of_one_without_a_number_here_nobody_knows_whether_it_has_ended)
{
	int proc = open_proc();
	struct snapshot snapshot;
	struct noted_process noted = { .name = "maker", .start_ns = 1000000000, .user = -1 };
	struct process process = look(proc, &noted, &snapshot);

	assert_int_equal(process.pid, 0);
	assert_false(process.ended);
	assert_string_equal(process.name, "maker");
	snapshot_free(&snapshot);
	close(proc);
}

SUITE(process, cmocka_unit_test(a_noted_process_that_runs_is_read_from_proc),
      cmocka_unit_test(of_a_process_that_has_ended_there_is_what_was_noted),
      cmocka_unit_test(another_process_that_has_its_number_by_now_is_not_meant),
      cmocka_unit_test(of_one_without_a_number_here_nobody_knows_whether_it_has_ended));
