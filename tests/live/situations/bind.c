/*
 * Ports that bind(), listen() or accept() took: no connect() gets them, whatever its
 * destination.
 */
#include <unistd.h>

#include "../namespace.h"
#include "../service.h"
#include "../situation.h"

static void bind_first_full(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	service_start("0.0.0.0", 9001);
	const struct held held = HOLDER_START(
		{ 100, { .bind_to = LOOPBACK, .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &held, "ESTABLISHED to 127.0.0.1:9000, bound before connect()");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9001), ALL, 0);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 0);
	truth_target(truth, PLAN(.bind_to = "127.0.0.5"), ALL, 100);
}

static void bound_only_leak(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held more = HOLDER_START({ 60, { .bind_to = LOOPBACK } });
	const struct held less = HOLDER_START({ 40, { .bind_to = LOOPBACK } });

	truth_holder(truth, &more, "bound, never connected");
	truth_holder(truth, &less, "bound, never connected");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 0);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 0);
	truth_target(truth, PLAN(.bind_to = "127.0.0.9"), ALL, 100);
}

/*
 * Reserved ports, and owners of other addresses and another family, all take away from
 * connect().
 */
static void reserved_and_listeners(struct truth *truth)
{
	struct order orders[19];
	unsigned count = 0;

	namespace_add_address("lo", "2001:db8::1", 128);
	namespace_sysctl("ip_local_reserved_ports", "40000-40009,40095");
	service_start("0.0.0.0", 9000);
	for (uint16_t i = 0; i < 10; i++)
		orders[count++] = (struct order){
			1, { .bind_to = LOOPBACK, .bind_port = 40020 + i, .listens = true }
		};
	for (uint16_t i = 0; i < 5; i++)
		orders[count++] =
			(struct order){ 1,
					{ .bind_to = "127.0.0.77", .bind_port = 40040 + i } };
	for (uint16_t i = 0; i < 4; i++)
		orders[count++] =
			(struct order){ 1,
					{ .bind_to = "2001:db8::1", .bind_port = 40050 + i } };
	const struct held others = holder_here(orders, count, NULL);
	const struct held client =
		HOLDER_START({ 20, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &client, "ESTABLISHED to 127.0.0.1:9000");
	truth_holder(truth, &others,
		     "10 listeners, 5 bound on 127.0.0.77, 4 bound on 2001:db8::1");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), 89, 50);
	truth_target(truth, PLAN(.bind_to = "127.0.0.77"), 89, 84);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), 89, 59);
}

/* Explicit source ports, reset by the peer: the port stays taken until close(). */
static struct held reset_by_peer(unsigned count)
{
	const int listener = service_start("0.0.0.0", 9000);
	struct order orders[64];
	struct held held;

	for (unsigned i = 0; i < count; i++)
		orders[i] = (struct order){ 1,
					    { .bind_to = LOOPBACK,
					      .bind_port = (uint16_t)(FIRST + i),
					      .connect_to = LOOPBACK,
					      .port = 9000 } };
	held = holder_start(orders, count);
	held.bound = count;
	service_reset_accepted(listener, count);
	namespace_await_state(STATE_ESTABLISHED, 0);
	return held;
}

static void closed_but_bound(struct truth *truth)
{
	const struct held held = reset_by_peer(30);

	service_start("0.0.0.0", 9001);
	truth_holder(truth, &held,
		     "reset by the peer, not closed, ports chosen by the program");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9001), ALL, 70);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 70);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 70);
}

static void reset_and_established(struct truth *truth)
{
	const struct held reset = reset_by_peer(10);
	const struct held busy =
		HOLDER_START({ 10, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &reset,
		     "reset by the peer, not closed, ports chosen by the program");
	truth_holder(truth, &busy, "ESTABLISHED to 127.0.0.1:9000");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 80);
	truth_target(truth, PLAN(.connect_to = "127.0.0.2", .port = 9000), ALL, 90);
}

/*
 * Reset with the port chosen by connect(): the port is free although getsockname() still tells
 * it.
 */
static void reset_and_free(struct truth *truth)
{
	const int listener = service_start("0.0.0.0", 9000);
	const struct held held =
		HOLDER_START({ 30, { .connect_to = LOOPBACK, .port = 9000 } });

	service_reset_accepted(listener, 30);
	namespace_await_state(STATE_ESTABLISHED, 0);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 100);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 100);
	(void)held;
}

/*
 * Somebody else binds those ports on another address. Both sockets tell the port, and it is
 * bind()'s now; which of them holds it, kernels before 6.8 do not tell.
 */
static void reset_then_bound(struct truth *truth)
{
	const int listener = service_start("0.0.0.0", 9000);
	const struct held reset =
		HOLDER_START({ 30, { .connect_to = LOOPBACK, .port = 9000 } });

	service_reset_accepted(listener, 30);
	namespace_await_state(STATE_ESTABLISHED, 0);
	const struct held bound = HOLDER_START({ 90, { .bind_to = "127.0.0.9" } });

	truth_holder(truth, &bound, "bound on 127.0.0.9, never connected");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 10);
	truth_target(truth, PLAN(.bind_to = "127.0.0.9"), ALL, 10);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 100)->uncertain = true;
	(void)reset;
}

static void listener_gone(struct truth *truth)
{
	struct held held = { 0 };

	service_start("0.0.0.0", 9000);
	for (uint16_t i = 0; i < 10; i++)
		service_leaves_accepted(40010 + i, 20000 + i, &held);
	truth_holder(truth, &held, "accepted connections, listener closed");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 90);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 90);
	truth_target(truth, PLAN(.bind_to = "127.0.0.9"), ALL, 100);
}

static void chosen_listener_gone(struct truth *truth)
{
	struct held held = { 0 };

	service_start("0.0.0.0", 9000);
	for (uint16_t i = 0; i < 10; i++)
		service_leaves_accepted(0, 20000 + i, &held);
	const struct held busy =
		HOLDER_START({ 25, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &busy, "ESTABLISHED to 127.0.0.1:9000");
	truth_holder(truth, &held,
		     "accepted connections, listener on a port chosen by bind(0) closed");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 65);
	truth_target(truth, PLAN(.connect_to = "127.0.0.3", .port = 9000), ALL, 90);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 65);
}

/*
 * bind() on another address joins ports of connect(); half of the joiners leave again. Newer
 * kernels then give those ports back to connect(), older ones not before the last owner
 * leaves.
 */
static void joined_and_left(struct truth *truth)
{
	enum { JOINED = 30, LEFT = 15 };
	uint16_t ports[JOINED];
	int fds[JOINED];
	struct order orders[JOINED];

	service_start("0.0.0.0", 9000);
	service_start("0.0.0.0", 9001);
	const struct held busy =
		HOLDER_START({ 50, { .connect_to = LOOPBACK, .port = 9000 } });

	ports_list(&busy.ports, ports, JOINED);
	for (unsigned i = 0; i < JOINED; i++)
		orders[i] =
			(struct order){ 1, { .bind_to = "127.0.0.5", .bind_port = ports[i] } };
	struct held joiners = holder_here(orders, JOINED, fds);

	for (unsigned i = 0; i < LEFT; i++)
		close(fds[i]);
	joiners.sockets -= LEFT;
	joiners.bound -= LEFT;
	truth_holder(truth, &busy, "ESTABLISHED to 127.0.0.1:9000");
	truth_holder(truth, &joiners, "bound on 127.0.0.5, 15 of 30 still there");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 50);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9001), ALL, 0)->rehearsed =
		true;
	truth_target(truth, PLAN(.bind_to = "127.0.0.5"), ALL, 85);
}

static void reuse_port_crowd(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held held = HOLDER_START({ 50,
						{ .bind_to = LOOPBACK,
						  .bind_port = 40001,
						  .reuse_port = true,
						  .listens = true } },
					      { 50,
						{ .type = SOCK_DGRAM,
						  .bind_to = LOOPBACK,
						  .bind_port = 40002,
						  .reuse_port = true } });

	truth_holder(truth, &held, "50 listeners share one port, 50 UDP sockets another");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 99);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 99);
	truth_target(truth, PLAN(.listens = true), ALL, 99);
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .bind_to = LOOPBACK), ALL, 99);
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .connect_to = LOOPBACK, .port = 53), ALL,
		     99);
}

static void nothing_free(struct truth *truth)
{
	service_start("::", 9000);
	const struct held tcp = HOLDER_START({ 100, { .bind_to = "0.0.0.0" } });
	const struct held udp =
		HOLDER_START({ 100, { .type = SOCK_DGRAM, .bind_to = "0.0.0.0" } });

	truth_holder(truth, &tcp, "TCP, bound, never connected");
	truth_holder(truth, &udp, "UDP, bound");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 0);
	truth_target(truth, PLAN(.connect_to = LOOPBACK6, .port = 9000), ALL, 0);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 0);
	truth_target(truth, PLAN(.bind_to = LOOPBACK6), ALL, 100);
	truth_target(truth, PLAN(.listens = true), ALL, 0);
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .bind_to = "0.0.0.0"), ALL, 0);
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .connect_to = LOOPBACK, .port = 53), ALL,
		     0);
}

const struct situation situations_bind[] = {
	{ .name = "bind_first_full",
	  .what = "bind() before connect() takes each port from every destination",
	  .make = bind_first_full },
	{ .name = "bound_only_leak",
	  .what = "two processes hold all ports by bind() and nothing more",
	  .make = bound_only_leak },
	{ .name = "reserved_and_listeners",
	  .what = "reserved ports, listeners, owners on other addresses",
	  .make = reserved_and_listeners },
	{ .name = "closed_but_bound",
	  .what = "explicit source ports, reset by the peer, never closed",
	  .make = closed_but_bound },
	{ .name = "reset_and_established",
	  .what = "the same beside ordinary connections",
	  .make = reset_and_established },
	{ .name = "reset_and_free",
	  .what = "ports chosen by connect(), reset by the peer: free, though never closed",
	  .make = reset_and_free },
	{ .name = "reset_then_bound",
	  .what = "the same, and then bound by another process on another address",
	  .make = reset_then_bound },
	{ .name = "listener_gone",
	  .what = "accepted connections on ports of the range, their listeners gone",
	  .make = listener_gone },
	{ .name = "chosen_listener_gone",
	  .what = "the same with listeners on ports that bind(0) chose",
	  .make = chosen_listener_gone },
	{ .name = "joined_and_left",
	  .what = "bind() on another address joins ports of connect(), half leave again",
	  .rehearse = true,
	  .make = joined_and_left },
	{ .name = "reuse_port_crowd",
	  .what = "SO_REUSEPORT: many sockets, one port",
	  .make = reuse_port_crowd },
	{ .name = "nothing_free",
	  .what = "no port is free in TCP, nor in UDP",
	  .make = nothing_free },
	{ 0 },
};
