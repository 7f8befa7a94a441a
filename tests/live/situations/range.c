/* Ranges: the namespace's when its size is odd, and those of single sockets. */
#include "../give_up.h"
#include "../measure.h"
#include "../namespace.h"
#include "../service.h"
#include "../situation.h"

static void need_port_range(void)
{
	if (!sockets_know_port_range())
		give_up_skipping("this kernel has no IP_LOCAL_PORT_RANGE");
}

/*
 * Before Linux 6.8 a range of odd size is odd too when it is a socket's own: of three ports the
 * last is never looked at. Asked before anything is held; port 9000 must be served.
 */
static bool own_range_is_walked_whole(void)
{
	const struct plan plan = {
		.range_first = 40050, .range_last = 40052, .connect_to = LOOPBACK, .port = 9000
	};

	return measure(&plan).successes == 3;
}

static void socket_range_full(struct truth *truth)
{
	need_port_range();
	service_start("0.0.0.0", 9000);
	const struct held held = HOLDER_START({ 10,
						{ .range_first = 40010,
						  .range_last = 40019,
						  .connect_to = LOOPBACK,
						  .port = 9000 } });

	truth_holder(truth, &held, "ESTABLISHED, IP_LOCAL_PORT_RANGE 40010-40019");
	truth_target(truth,
		     PLAN(.range_first = 40010, .range_last = 40019, .connect_to = LOOPBACK,
			  .port = 9000),
		     10, 0);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 90);
}

/* What of the socket's range lies outside the namespace's is ignored, each end by itself. */
static void socket_range_mixed(struct truth *truth)
{
	need_port_range();
	service_start("0.0.0.0", 9000);
	const bool whole = own_range_is_walked_whole();
	const struct held client = HOLDER_START({ 5,
						  { .range_first = 40020,
						    .range_last = 40045,
						    .connect_to = LOOPBACK,
						    .port = 9000 } });
	const struct held bound = HOLDER_START(
		{ 3, { .range_first = 40020, .range_last = 40045, .bind_to = LOOPBACK } });

	truth_holder(truth, &client, "ESTABLISHED, IP_LOCAL_PORT_RANGE 40020-40045");
	truth_holder(truth, &bound, "bound, never connected, the same range");
	truth_target(truth,
		     PLAN(.range_first = 40020, .range_last = 40045, .connect_to = LOOPBACK,
			  .port = 9000),
		     26, 18);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 92);
	truth_target(truth,
		     PLAN(.range_first = 30000, .range_last = 30009, .connect_to = LOOPBACK,
			  .port = 9000),
		     ALL, 92);
	truth_target(truth,
		     PLAN(.range_first = 40090, .range_last = 45000, .connect_to = LOOPBACK,
			  .port = 9000),
		     10, 10);
	truth_target(truth,
		     PLAN(.range_first = 40091, .range_last = 40099, .connect_to = LOOPBACK,
			  .port = 9000),
		     9, 9)
		->odd = !whole;
}

static void odd_range(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held held =
		HOLDER_START({ 30, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &held, "ESTABLISHED to 127.0.0.1:9000");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), 99, 69)->odd = true;
	truth_target(truth, PLAN(.connect_to = "127.0.0.2", .port = 9000), 99, 99)->odd = true;
	truth_target(truth, PLAN(.bind_to = LOOPBACK), 99, 69)->odd = true;
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .connect_to = LOOPBACK, .port = 53), 99,
		     99);
}

/*
 * One call misses either the first port or the last; nothing is missed when neither was to be
 * had.
 */
static void odd_range_ends_taken(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held ends = HOLDER_START(
		{ 1, { .bind_to = "0.0.0.0", .bind_port = 40000, .listens = true } },
		{ 1, { .bind_to = "0.0.0.0", .bind_port = 40098, .listens = true } });
	const struct held held =
		HOLDER_START({ 30, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &held, "ESTABLISHED to 127.0.0.1:9000");
	truth_holder(truth, &ends, "LISTEN on the first and the last port");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), 99, 67);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), 99, 67);
}

static void range_of_one(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), 1, 1)->odd = true;
	truth_target(truth, PLAN(.bind_to = LOOPBACK), 1, 1)->odd = true;
}

static void all_reserved(struct truth *truth)
{
	namespace_sysctl("ip_local_reserved_ports", "40000-40099");
	service_start("0.0.0.0", 9000);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), 0, 0);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), 0, 0);
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .connect_to = LOOPBACK, .port = 53), 0,
		     0);
}

/*
 * connect() tries the 1000 even ports first, and all of them rest in TIME_WAIT. What is left is told
 * for a tenth of the range only, or measuring would take a thousand sockets.
 */
static void one_parity_full(struct truth *truth)
{
	need_port_range();
	const int listener = service_start("0.0.0.0", 9000);

	service_time_wait(listener, 1000, PLAN(.connect_to = LOOPBACK, .port = 9000));
	namespace_await_state(STATE_TIME_WAIT, 1000);
	truth_nobody(truth, 1000, "TIME_WAIT on every even port");
	truth->valid_s = 30;
	truth_target(truth,
		     PLAN(.range_first = 40000, .range_last = 40199, .connect_to = LOOPBACK,
			  .port = 9000),
		     200, 100);
}

const struct situation situations_range[] = {
	{ .name = "one_parity_full",
	  .what = "every port that connect() tries first is taken, the others are free",
	  .first = 40000,
	  .last = 41999,
	  .make = one_parity_full },
	{ .name = "socket_range_full",
	  .what = "a program's own range is full, the namespace's is not",
	  .make = socket_range_full },
	{ .name = "socket_range_mixed",
	  .what = "own ranges with different owners, and ranges partly outside",
	  .make = socket_range_mixed },
	{ .name = "odd_range",
	  .what = "99 ports: one call looks at 98 of them",
	  .first = 40000,
	  .last = 40098,
	  .make = odd_range },
	{ .name = "odd_range_ends_taken",
	  .what = "99 ports, the first and the last have listeners",
	  .first = 40000,
	  .last = 40098,
	  .make = odd_range_ends_taken },
	{ .name = "range_of_one",
	  .what = "a range of one port",
	  .first = 40000,
	  .last = 40000,
	  .make = range_of_one },
	{ .name = "all_reserved",
	  .what = "every port of the range is reserved",
	  .make = all_reserved },
	{ 0 },
};
