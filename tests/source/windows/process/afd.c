#include "source/windows/process/afd.h"

#include "base/arena.h"
#include "fake_nt.h"
#include "source/windows/process/handle_look.h"
#include "suite.h"
#include "system/clock.h"

#include <stdlib.h>
#include <string.h>

/* Long enough for a thread to get its turn, short enough to wait for. */
static const struct afd_limits limits = {
	.request_ms = 20,
	.patience_ms = 200,
	.handle_ms = 400,
	.stuck_most = 2,
	.walk_ms = 60000,
};

#define FILE_OF(number, value, ...)                                                           \
	{                                                                                     \
		.pid = (number), .handle = (value), .type = FAKE_FILE_TYPE, __VA_ARGS__       \
	}
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

struct walked {
	struct nt_route route;
	struct handle_look look;
	struct afd_walk walk;
};

static void begin(struct walked *walked, const struct fake_handle *handles, size_t count)
{
	struct error error;

	fake_begin(handles, count, &walked->route);
	assert_int_equal(handle_look_open(&walked->route, &walked->look, &error), 0);
}

static int by_handle(const void *a, const void *b)
{
	const struct afd_socket *left = a, *right = b;

	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	return (left->handle > right->handle) - (left->handle < right->handle);
}

/* They come in no order: a busy machine may have given any thread its turn late. */
static void sort(struct afd_walk *walk)
{
	qsort(walk->sockets, walk->count, sizeof *walk->sockets, by_handle);
}

static void go_within(struct walked *walked, int32_t pid, const struct afd_limits *within)
{
	struct error error;

	assert_int_equal(
		afd_walk(&walked->walk, &walked->route, &walked->look, pid, within, &error),
		0);
	sort(&walked->walk);
}

static void go(struct walked *walked, int32_t pid)
{
	go_within(walked, pid, &limits);
}

static void end(struct walked *walked)
{
	fake_end();
	afd_walk_free(&walked->walk);
	handle_look_close(&walked->look);
}

static const char *local_of(const struct walked *walked, size_t index)
{
	static char text[ADDRESS_TEXT_SIZE];
	const struct afd_endpoint *endpoint = &walked->walk.sockets[index].endpoint;

	return address_print_endpoint(text, &endpoint->local, endpoint->local_port);
}

TEST(sockets_are_told_with_their_ports_and_other_files_are_not)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_FILE),
		{ .pid = 100, .handle = 8, .type = FAKE_EVENT_TYPE, .kind = FAKE_SOCKET },
		FILE_OF(100, 12, .kind = FAKE_SOCKET, .local = "10.0.0.5:49153", .protocol = 6,
			.state = 3, .remote = "10.0.0.9:443"),
		FILE_OF(100, 16, .kind = FAKE_UNBOUND, .protocol = 6),
		FILE_OF(200, 4, .kind = FAKE_SOCKET, .local = "[::1]:53", .protocol = 17),
		FILE_OF(200, 8, .kind = FAKE_CLOSED),
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	go(&walked, 0);
	assert_int_equal(walked.walk.count, 3);
	assert_int_equal(walked.walk.sockets[0].pid, 100);
	assert_int_equal(walked.walk.sockets[0].handle, 12);
	assert_string_equal(local_of(&walked, 0), "10.0.0.5:49153");
	assert_true(walked.walk.sockets[0].endpoint.is_tcp);
	assert_int_equal(walked.walk.sockets[0].endpoint.remote_port, 443);
	assert_int_equal(walked.walk.sockets[1].endpoint.local.family, FAMILY_NONE);
	assert_string_equal(local_of(&walked, 2), "[::1]:53");
	assert_true(walked.walk.sockets[2].endpoint.is_udp);
	assert_int_equal(walked.walk.stuck, 0);
	assert_int_equal(walked.walk.refused, 0);
	assert_false(walked.walk.is_cut);
	assert_int_equal(fake.foreign_controls, 0);
	end(&walked);
}

TEST(one_process_is_asked_alone)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:1"),
		FILE_OF(200, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:2"),
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	go(&walked, 200);
	assert_int_equal(walked.walk.count, 1);
	assert_string_equal(local_of(&walked, 0), "10.0.0.5:2");
	end(&walked);
}

TEST(a_handle_that_does_not_answer_is_left_alone_and_counted)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:1"),
		FILE_OF(100, 8, .kind = FAKE_HANGING),
		FILE_OF(100, 12, .kind = FAKE_SOCKET, .local = "10.0.0.5:3"),
		FILE_OF(200, 4, .kind = FAKE_HANGING),
		FILE_OF(200, 8, .kind = FAKE_SOCKET, .local = "10.0.0.5:5"),
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	go(&walked, 0);
	assert_int_equal(walked.walk.count, 3);
	assert_string_equal(local_of(&walked, 0), "10.0.0.5:1");
	assert_string_equal(local_of(&walked, 1), "10.0.0.5:3");
	assert_string_equal(local_of(&walked, 2), "10.0.0.5:5");
	assert_int_equal(walked.walk.stuck, 2);
	assert_false(walked.walk.is_cut);
	end(&walked);
}

TEST(a_late_answer_counts_all_the_same)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_LATE, .local = "10.0.0.5:1"),
		FILE_OF(100, 8, .kind = FAKE_WAKES, .local = "10.0.0.5:2"),
		FILE_OF(100, 12, .kind = FAKE_HANGING), /* meanwhile the first has its time */
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	go(&walked, 0);
	assert_int_equal(walked.walk.count, 2);
	assert_string_equal(local_of(&walked, 0), "10.0.0.5:1");
	assert_string_equal(local_of(&walked, 1), "10.0.0.5:2");
	assert_int_equal(walked.walk.stuck, 1);
	assert_int_equal(walked.walk.files, 4); /* with that of our own */
	end(&walked);
}

TEST(the_last_has_its_time_too)
{
	static const struct afd_limits patient = {
		.request_ms = 20,
		.patience_ms = 100,
		.handle_ms = 20000,
		.walk_ms = 60000,
	};
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:1"),
		FILE_OF(100, 8, .kind = FAKE_TARDY, .local = "10.0.0.5:2"),
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	go_within(&walked, 0, &patient);
	assert_int_equal(walked.walk.count, 2);
	assert_string_equal(local_of(&walked, 1), "10.0.0.5:2");
	assert_int_equal(walked.walk.stuck, 0);
	end(&walked);
}

TEST(where_too_many_do_not_answer_the_walk_ends)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:1"),
		FILE_OF(100, 8, .kind = FAKE_HANGING),
		FILE_OF(100, 12, .kind = FAKE_HANGING),
		FILE_OF(100, 16, .kind = FAKE_HANGING),
		FILE_OF(200, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:5"),
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	go(&walked, 0);
	assert_int_equal(walked.walk.count, 1);
	assert_int_equal(walked.walk.stuck, 3);
	assert_true(walked.walk.is_cut);
	assert_false(afd_walk_is_untold(&walked.walk, 100));
	assert_true(afd_walk_is_untold(&walked.walk, 200));
	assert_int_equal(walked.walk.refused, 0);
	end(&walked);
}

/* 0x12019f is the access of a pipe, and of a socket of who may not have all. */
TEST(what_has_the_access_of_a_socket_is_asked_first_and_everything_else_too)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_HANGING, .access = 0x12019f),
		FILE_OF(100, 8, .kind = FAKE_HANGING, .access = 0x120189),
		FILE_OF(100, 12, .kind = FAKE_SOCKET, .local = "10.0.0.5:3",
			.access = 0x12019f),
		FILE_OF(100, 16, .kind = FAKE_HANGING, .access = 0x12019f),
		FILE_OF(100, 20, .kind = FAKE_SOCKET, .local = "10.0.0.5:5",
			.access = 0x12019f),
		FILE_OF(200, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:6",
			.access = 0x16019f),
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	go(&walked, 0);
	assert_int_equal(walked.walk.count, 2);
	assert_string_equal(local_of(&walked, 0), "10.0.0.5:3");
	assert_string_equal(local_of(&walked, 1), "10.0.0.5:6");
	assert_int_equal(walked.walk.processes, 3); /* with our own */
	assert_true(walked.walk.is_cut);
	end(&walked);
}

TEST(what_does_not_answer_costs_a_moment)
{
	enum { HANGING = 40 };
	static const struct afd_limits patient = {
		.request_ms = 20,
		.patience_ms = 20,
		.handle_ms = 1000,
		.stuck_most = HANGING,
		.walk_ms = 60000,
	};
	struct fake_handle handles[HANGING + 1];
	struct walked walked;
	int64_t began;

	for (unsigned i = 0; i < HANGING; i++)
		handles[i] = (struct fake_handle)FILE_OF(100, 4 + 4 * i, .kind = FAKE_HANGING);
	handles[HANGING] = (struct fake_handle)FILE_OF(200, 4, .kind = FAKE_SOCKET,
						       .local = "10.0.0.5:2");
	begin(&walked, handles, HANGING + 1);
	began = clock_monotonic_ms();
	go_within(&walked, 0, &patient);
	assert_true(clock_monotonic_ms() - began < 10000);
	assert_int_equal(walked.walk.stuck, HANGING);
	assert_int_equal(walked.walk.count, 1);
	assert_false(walked.walk.is_cut);
	end(&walked);
}

/* More than one thread gets at once. */
TEST(every_handle_of_many_is_asked)
{
	enum { HANDLES = 10000 };
	struct fake_handle *handles = memory_zeroed(HANDLES, sizeof *handles);
	struct walked walked;

	for (unsigned i = 0; i < HANDLES; i++)
		handles[i] = (struct fake_handle)FILE_OF(
			100, 4 + 4 * i, .kind = i % 2 ? FAKE_FILE : FAKE_SOCKET,
			.local = "10.0.0.5:1");
	begin(&walked, handles, HANDLES);
	go(&walked, 0);
	assert_int_equal(walked.walk.count, HANDLES / 2);
	assert_int_equal(walked.walk.files, HANDLES + 1);
	end(&walked);
	free(handles);
}

TEST(handles_that_were_sockets_are_asked_again)
{
	struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:1"),
		FILE_OF(100, 8, .kind = FAKE_SOCKET, .local = "10.0.0.5:2"),
		FILE_OF(200, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:3"),
		FILE_OF(200, 8, .kind = FAKE_FILE),
	};
	struct walked walked;
	struct afd_walk again;
	struct error error;

	begin(&walked, handles, COUNT_OF(handles));
	go(&walked, 0);
	handles[0].kind = FAKE_CLOSED;
	handles[1].local = "10.0.0.5:22";
	assert_int_equal(afd_walk_again(&again, &walked.route, walked.walk.sockets,
					walked.walk.count, &limits, &error),
			 0);
	assert_int_equal(again.count, 2);
	sort(&again);
	assert_int_equal(again.sockets[0].endpoint.local_port, 22);
	assert_int_equal(again.sockets[1].endpoint.local_port, 3);
	assert_int_equal(again.sockets[1].pid, 200);
	afd_walk_free(&again);
	end(&walked);
}

TEST(a_request_under_way_is_waited_for)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_SLOW, .local = "10.0.0.5:1", .protocol = 6),
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	go(&walked, 0);
	assert_int_equal(walked.walk.count, 1);
	assert_string_equal(local_of(&walked, 0), "10.0.0.5:1");
	assert_true(walked.walk.sockets[0].endpoint.is_tcp);
	end(&walked);
}

TEST(a_request_that_takes_too_long_is_taken_back)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_PENDING),
		FILE_OF(100, 8, .kind = FAKE_SOCKET, .local = "10.0.0.5:2"),
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	go(&walked, 0);
	assert_int_equal(walked.walk.count, 2);
	assert_int_equal(walked.walk.sockets[0].endpoint.local.family, FAMILY_NONE);
	assert_string_equal(local_of(&walked, 1), "10.0.0.5:2");
	assert_int_equal(walked.walk.stuck, 1);
	end(&walked);
}

TEST(what_cannot_be_taken_back_may_be_written_to_later)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_LOST),
		FILE_OF(100, 8, .kind = FAKE_SOCKET, .local = "10.0.0.5:2"),
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	go(&walked, 0);
	assert_int_equal(walked.walk.count, 2);
	assert_string_equal(local_of(&walked, 1), "10.0.0.5:2");
	assert_int_equal(walked.walk.stuck, 1);
	memset(fake.lost_bytes, 0xff, 28);
	fake.lost_result->Information = 28;
	assert_true(HeapValidate(GetProcessHeap(), 0, NULL));
	end(&walked);
}

TEST(processes_that_may_not_be_looked_into_are_counted)
{
	static const struct fake_handle handles[] = {
		FILE_OF(4, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:1"), /* the kernel's */
		FILE_OF(100, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:1"),
		FILE_OF(100, 8, .kind = FAKE_SOCKET, .local = "10.0.0.5:2"),
		FILE_OF(200, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:3"),
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	fake.refused_pid = 100;
	go(&walked, 0);
	assert_int_equal(walked.walk.count, 1);
	assert_int_equal(walked.walk.sockets[0].pid, 200);
	assert_int_equal(walked.walk.refused, 1);
	assert_true(afd_walk_is_untold(&walked.walk, 100));
	assert_false(afd_walk_is_untold(&walked.walk, 200));
	end(&walked);
}

TEST(before_windows_8_the_name_tells_the_device_and_other_drivers_are_not_asked)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_FILE),
		FILE_OF(100, 8, .kind = FAKE_SOCKET, .local = "10.0.0.5:2"),
	};
	struct walked walked;

	begin(&walked, handles, COUNT_OF(handles));
	fake.no_volume_names = true;
	go(&walked, 0);
	assert_int_equal(walked.walk.count, 1);
	assert_string_equal(local_of(&walked, 0), "10.0.0.5:2");
	assert_true(fake.controls > 0);
	assert_int_equal(fake.foreign_controls, 0);
	end(&walked);
}

TEST(without_a_file_of_our_own_in_the_table_nothing_is_asked)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_SOCKET, .local = "10.0.0.5:1"),
	};
	struct walked walked;
	struct error error;

	fake_begin(handles, COUNT_OF(handles), &walked.route);
	fake.no_own_file = true;
	assert_int_equal(handle_look_open(&walked.route, &walked.look, &error), 0);
	assert_int_equal(
		afd_walk(&walked.walk, &walked.route, &walked.look, 0, &limits, &error), -1);
	assert_int_equal(fake.controls, 0);
	end(&walked);
}

TEST(a_type_has_the_name_that_the_system_has_for_it)
{
	static const struct fake_handle handles[] = {
		FILE_OF(100, 4, .kind = FAKE_FILE),
		{ .pid = 200, .handle = 4, .type = FAKE_EVENT_TYPE, .kind = FAKE_CLOSED },
		{ .pid = 300, .handle = 4, .type = FAKE_EVENT_TYPE, .kind = FAKE_FILE },
	};
	struct walked walked = { .walk = { NULL } };
	char name[32];

	begin(&walked, handles, COUNT_OF(handles));
	assert_true(handle_look_type_name(&walked.route, &walked.look, FAKE_EVENT_TYPE, 200,
					  name, sizeof name));
	assert_string_equal(name, "Event");
	assert_true(handle_look_type_name(&walked.route, &walked.look, FAKE_FILE_TYPE, 100,
					  name, sizeof name));
	assert_string_equal(name, "File");
	assert_false(handle_look_type_name(&walked.route, &walked.look, 99, 200, name,
					   sizeof name));
	fake.refused_pid = 300;
	assert_false(handle_look_type_name(&walked.route, &walked.look, FAKE_EVENT_TYPE, 200,
					   name, sizeof name));
	end(&walked);
}

SUITE(afd, cmocka_unit_test(sockets_are_told_with_their_ports_and_other_files_are_not),
      cmocka_unit_test(one_process_is_asked_alone),
      cmocka_unit_test(a_handle_that_does_not_answer_is_left_alone_and_counted),
      cmocka_unit_test(a_late_answer_counts_all_the_same),
      cmocka_unit_test(the_last_has_its_time_too),
      cmocka_unit_test(where_too_many_do_not_answer_the_walk_ends),
      cmocka_unit_test(what_has_the_access_of_a_socket_is_asked_first_and_everything_else_too),
      cmocka_unit_test(what_does_not_answer_costs_a_moment),
      cmocka_unit_test(every_handle_of_many_is_asked),
      cmocka_unit_test(handles_that_were_sockets_are_asked_again),
      cmocka_unit_test(a_request_under_way_is_waited_for),
      cmocka_unit_test(a_request_that_takes_too_long_is_taken_back),
      cmocka_unit_test(what_cannot_be_taken_back_may_be_written_to_later),
      cmocka_unit_test(processes_that_may_not_be_looked_into_are_counted),
      cmocka_unit_test(
	      before_windows_8_the_name_tells_the_device_and_other_drivers_are_not_asked),
      cmocka_unit_test(without_a_file_of_our_own_in_the_table_nothing_is_asked),
      cmocka_unit_test(a_type_has_the_name_that_the_system_has_for_it));
