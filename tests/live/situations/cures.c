/* Short of ports so that several changes would help, each by a different number. */
#include <unistd.h>

#include "../namespace.h"
#include "../service.h"
#include "../situation.h"

/* What is in TIME_WAIT stays for 60 s; made and measured within this all is as stated. */
enum { VALID_S = 40 };

static void reserved_full(struct truth *truth)
{
	namespace_sysctl("ip_local_reserved_ports", "40000-40079");
	service_start("0.0.0.0", 9000);
	const struct held held =
		HOLDER_START({ 20, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &held, "ESTABLISHED to 127.0.0.1:9000");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), 20, 0);
	truth_target(truth, PLAN(.connect_to = "127.0.0.2", .port = 9000), 20, 20);
}

/* Too small for what sits in it: neither a leak nor connections. */
static void range_full(struct truth *truth)
{
	struct order orders[36];

	namespace_sysctl("ip_local_reserved_ports", "39000,40000-40059,50000");
	service_start("0.0.0.0", 9000);
	for (uint16_t i = 0; i < 36; i++)
		orders[i] = (struct order){
			1, { .bind_to = "0.0.0.0", .bind_port = 40062 + i, .listens = true }
		};
	const struct held listeners = holder_start(orders, 36);

	truth_holder(truth, &listeners, "LISTEN");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), 40, 4);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), 40, 4);
}

/* What connect() left is for reuse, what bind() left is not; some ports are reserved. */
static void time_wait_two_kinds(struct truth *truth)
{
	const int listener = service_start("0.0.0.0", 9000);

	namespace_sysctl("ip_local_reserved_ports", "40000-40009");
	service_time_wait(listener, 60, PLAN(.connect_to = LOOPBACK, .port = 9000));
	service_time_wait(listener, 28,
			  PLAN(.bind_to = LOOPBACK, .connect_to = LOOPBACK, .port = 9000));
	truth_nobody(truth, 88, "TIME_WAIT");
	truth->valid_s = VALID_S;
	truth_target(truth, PLAN(.connect_to = "127.0.0.2", .port = 9000), 90, 62);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), 90, 2);
}

/* As time_wait_far_peer, and full. */
static void far_time_wait_full(struct truth *truth)
{
	int fds[ALL];

	namespace_sysctl("tcp_rfc1337", "1");
	service_start_far("10.5.0.1", "10.5.0.9", 9000);
	holder_here(ORDERS({ 98, { .connect_to = "10.5.0.9", .port = 9000 } }), fds);
	for (unsigned i = 0; i < 98; i++)
		close(fds[i]);
	namespace_await_state(STATE_TIME_WAIT, 98);
	truth_nobody(truth, 98, "TIME_WAIT");
	truth->valid_s = VALID_S;
	namespace_sysctl("tcp_tw_reuse", "2");
	truth_target(truth, PLAN(.connect_to = "10.5.0.9", .port = 9000), ALL, 2);
}

/* Those that rest are over when those that are open now have rested. */
static void time_wait_and_connections(struct truth *truth)
{
	const int listener = service_start("0.0.0.0", 9000);

	service_time_wait(listener, 40, PLAN(.connect_to = LOOPBACK, .port = 9000));
	const struct held held =
		HOLDER_START({ 60, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &held, "ESTABLISHED to 127.0.0.1:9000");
	truth_nobody(truth, 40, "TIME_WAIT");
	truth->valid_s = VALID_S;
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 0);
}

/* One program has both: what is only bound comes back at once, the rest later. */
static void leak_and_connections(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held held = HOLDER_START(
		{ 60, { .bind_to = LOOPBACK } },
		{ 38, { .bind_to = LOOPBACK, .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &held, "60 bound, never connected, 38 ESTABLISHED");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 2);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 2);
}

/* The same of CLOSE_WAIT: the peer has closed 60 of 95. */
static void close_wait_and_connections(struct truth *truth)
{
	const int listener = service_start("0.0.0.0", 9000);
	const struct held held =
		HOLDER_START({ 95, { .connect_to = LOOPBACK, .port = 9000 } });

	service_close_accepted(listener, 60);
	namespace_await_state(STATE_CLOSE_WAIT, 60);
	truth_holder(truth, &held, "60 CLOSE_WAIT, 35 ESTABLISHED");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 5);
}

/*
 * bind() on another address has joined ports of connect(). When it leaves, newer kernels give
 * them back to connect(), older ones do not.
 */
static void joined_full(struct truth *truth)
{
	enum { JOINED = 80 };
	struct order orders[JOINED];
	uint16_t ports[JOINED];

	service_start("0.0.0.0", 9000);
	const struct held busy =
		HOLDER_START({ 90, { .connect_to = LOOPBACK, .port = 9000 } });

	ports_list(&busy.ports, ports, JOINED);
	for (unsigned i = 0; i < JOINED; i++)
		orders[i] =
			(struct order){ 1, { .bind_to = "127.0.0.5", .bind_port = ports[i] } };
	const struct held joined = holder_start(orders, JOINED);

	truth_holder(truth, &busy, "ESTABLISHED to 127.0.0.1:9000");
	truth_holder(truth, &joined, "bound on 127.0.0.5 to ports that these have");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 10);
	truth_target(truth, PLAN(.connect_to = "127.0.0.2", .port = 9000), ALL, 20);
}

/* Ports serve both destinations; whoever ends gives back those to his own. */
static void shared_full(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	service_start("0.0.0.0", 9001);
	const struct held first =
		HOLDER_START({ 97, { .connect_to = LOOPBACK, .port = 9000 } });
	const struct held second =
		HOLDER_START({ 96, { .connect_to = LOOPBACK, .port = 9001 } });

	truth_holder(truth, &first, "ESTABLISHED to 127.0.0.1:9000");
	truth_holder(truth, &second, "ESTABLISHED to 127.0.0.1:9001");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 3);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9001), ALL, 4);
}

/* Two programs bind first, each to an address of its own, on the same port numbers. */
static void bind_first_twice(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held one = HOLDER_START(
		{ 98, { .bind_to = LOOPBACK, .connect_to = LOOPBACK, .port = 9000 } });
	const struct held five = HOLDER_START(
		{ 100, { .bind_to = "127.0.0.5", .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &one, "ESTABLISHED to 127.0.0.1:9000, bound to 127.0.0.1 before");
	truth_holder(truth, &five, "ESTABLISHED to 127.0.0.1:9000, bound to 127.0.0.5 before");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 0);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 2);
	truth_target(truth, PLAN(.bind_to = "127.0.0.5"), ALL, 0);
}

/* bind_first_full and bind_first_twice as they are when the first program is mended. */
static void no_port_full(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held held = HOLDER_START({ 100,
						{ .bind_to = LOOPBACK,
						  .no_port = true,
						  .connect_to = LOOPBACK,
						  .port = 9000 } });

	truth_holder(truth, &held, "ESTABLISHED to 127.0.0.1:9000, bound without port before");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 0);
	truth_target(truth, PLAN(.connect_to = "127.0.0.2", .port = 9000), ALL, 100);
}

static void no_port_and_bind_first(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held five = HOLDER_START(
		{ 100, { .bind_to = "127.0.0.5", .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &five, "ESTABLISHED to 127.0.0.1:9000, bound to 127.0.0.5 before");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 0);
	truth_target(truth, PLAN(.connect_to = "127.0.0.2", .port = 9000), ALL, 0);
}

static void odd_range_full(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held held =
		HOLDER_START({ 95, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &held, "ESTABLISHED to 127.0.0.1:9000");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), 99, 4)->odd = true;
}

/* A socket for both families takes its port from both pools. */
static void udp_both_full(struct truth *truth)
{
	const struct held six =
		HOLDER_START({ 55, { .type = SOCK_DGRAM, .bind_to = "::", .v6_only = true } });
	const struct held both =
		HOLDER_START({ 40, { .type = SOCK_DGRAM, .bind_to = "::" } },
			     { 45, { .type = SOCK_DGRAM, .bind_to = LOOPBACK } });

	struct port_set all = six.ports;

	ports_join(&all, &both.ports);
	truth_holder(truth, &six, "UDP bound on :: for IPv6 only");
	truth_holder(truth, &both, "UDP, 40 bound on :: for both families, 45 on 127.0.0.1");
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .connect_to = LOOPBACK6, .port = 53), ALL,
		     ALL - ports_between(&all, FIRST, LAST));
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .connect_to = LOOPBACK, .port = 53), ALL,
		     15);
}

const struct situation situations_cures[] = {
	{ .name = "reserved_full",
	  .what = "most of the range is reserved, the rest is connected to one destination",
	  .make = reserved_full },
	{ .name = "range_full",
	  .what = "listeners and reserved ports leave four",
	  .make = range_full },
	{ .name = "time_wait_two_kinds",
	  .what = "TIME_WAIT of connect() and of bind(0), reserved ports, two left",
	  .make = time_wait_two_kinds },
	{ .name = "far_time_wait_full",
	  .what = "TIME_WAIT towards another machine, two left",
	  .make = far_time_wait_full },
	{ .name = "time_wait_and_connections",
	  .what = "one destination has all ports, 40 of them in TIME_WAIT",
	  .make = time_wait_and_connections },
	{ .name = "leak_and_connections",
	  .what = "one program with bound sockets and with connections bound before",
	  .make = leak_and_connections },
	{ .name = "close_wait_and_connections",
	  .what = "the peer closed 60 of 95 connections",
	  .make = close_wait_and_connections },
	{ .name = "joined_full",
	  .what = "one program binds ports that another has by connect()",
	  .make = joined_full },
	{ .name = "shared_full",
	  .what = "two programs, two destinations, the same ports",
	  .make = shared_full },
	{ .name = "bind_first_twice",
	  .what = "two programs, two source addresses, the same ports by bind(0)",
	  .make = bind_first_twice },
	{ .name = "no_port_full",
	  .what = "bind_first_full after IP_BIND_ADDRESS_NO_PORT was set",
	  .make = no_port_full },
	{ .name = "no_port_and_bind_first",
	  .what = "bind_first_twice after the first program's connections have moved",
	  .make = no_port_and_bind_first },
	{ .name = "odd_range_full",
	  .what = "99 ports, 95 connections",
	  .first = 40000,
	  .last = 40098,
	  .make = odd_range_full },
	{ .name = "udp_both_full",
	  .what = "UDP sockets of one and of both families",
	  .make = udp_both_full },
	{ 0 },
};
