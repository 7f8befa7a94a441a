/* The states of a connection that hold a port although nobody talks any more. */
#include <sys/socket.h>
#include <unistd.h>

#include "../namespace.h"
#include "../service.h"
#include "../situation.h"

static void close_wait_leak(struct truth *truth)
{
	const int listener = service_start("0.0.0.0", 9000);
	const struct held held =
		HOLDER_START({ 100, { .connect_to = LOOPBACK, .port = 9000 } });

	service_close_accepted(listener, 100);
	namespace_await_state(STATE_CLOSE_WAIT, 100);
	truth_holder(truth, &held, "CLOSE_WAIT to 127.0.0.1:9000");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 0);
	truth_target(truth, PLAN(.connect_to = "127.0.0.2", .port = 9000), ALL, 100);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 0);
}

static void make_fin_wait2(unsigned count)
{
	const unsigned before = namespace_count_state(STATE_FIN_WAIT2);
	int fds[128];

	/* The entries must outlive the test: 60 s is the default. */
	namespace_sysctl("tcp_fin_timeout", "300");
	holder_here(ORDERS({ count, { .connect_to = LOOPBACK, .port = 9000 } }), fds);
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
	namespace_await_state(STATE_FIN_WAIT2, before + count);
}

static void fin_wait2(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	namespace_sysctl("tcp_tw_reuse", "1");
	make_fin_wait2(80);
	truth_nobody(truth, 80, "FIN_WAIT2; the peer does not close");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 20);
}

/* Who has only shut down its own side still has the socket: no time limit. */
static void half_closed(struct truth *truth)
{
	const int listener = service_start("0.0.0.0", 9000);
	const struct held held = HOLDER_START(
		{ 30, { .connect_to = LOOPBACK, .port = 9000, .half_closes = true } });

	for (unsigned i = 0; i < 30; i++)
		sockets_accept(listener);
	namespace_await_state(STATE_FIN_WAIT2, 30);
	truth_holder(truth, &held, "FIN_WAIT2, half closed by shutdown()");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 70);
}

static void fin_wait2_and_accepted(struct truth *truth)
{
	struct held accepted = { 0 };

	service_start("0.0.0.0", 9000);
	make_fin_wait2(15);
	const struct held busy =
		HOLDER_START({ 10, { .connect_to = LOOPBACK, .port = 9000 } });

	for (uint16_t i = 0; i < 7; i++)
		service_leaves_accepted(0, 20000 + i, &accepted);
	truth_holder(truth, &busy, "ESTABLISHED to 127.0.0.1:9000");
	truth_holder(truth, &accepted, "accepted connections, listener closed");
	truth_nobody(truth, 15, "FIN_WAIT2; the peer does not close");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 68);
}

static void silent_network(void)
{
	namespace_add_veth("near", "far", 0);
	namespace_add_address("near", "10.5.0.1", 24);
	namespace_add_silent_neighbour("near", "10.5.0.9");
}

static void black_hole(struct truth *truth)
{
	const struct plan plan = { .connect_to = "10.5.0.9", .port = 80, .no_answer = true };

	silent_network();
	const struct held held = HOLDER_START({ 100, plan });

	truth_holder(truth, &held, "SYN_SENT to 10.5.0.9:80");
	truth->valid_s = 60;
	truth_target(truth, &plan, ALL, 0);
}

/*
 * A small window and a small buffer fill at once; what is closed then cannot say so to its
 * peer.
 */
static int narrow_service(uint16_t port)
{
	const struct plan plan = {
		.bind_to = LOOPBACK, .bind_port = port, .listens = true, .buffer_bytes = 2048
	};

	return sockets_open(&plan);
}

static void make_stuck(unsigned count, uint16_t port, void (*end)(int near, int far),
		       struct held *held)
{
	const struct plan plan = { .connect_to = LOOPBACK,
				   .port = port,
				   .buffer_bytes = 2048 };
	const int listener = narrow_service(port);

	for (unsigned i = 0; i < count; i++) {
		const int near = sockets_open(&plan);

		ports_add(&held->ports, sockets_local_port(near));
		held->sockets++;
		end(near, sockets_accept(listener));
	}
}

static void to_fin_wait1(int near, int far)
{
	(void)far;
	service_close_stuck(near);
}

/* The peer says its end first; ours is stuck. */
static void to_last_ack(int near, int far)
{
	shutdown(far, SHUT_WR);
	service_close_stuck(near);
}

/* Both ends at the same time; ours is stuck. */
static void to_closing(int near, int far)
{
	service_close_stuck(near);
	shutdown(far, SHUT_WR);
}

/* Three destinations: a port may serve all of them at once. */
static struct held make_orphans(unsigned count)
{
	struct held held = { 0 };

	make_stuck(count, 9100, to_fin_wait1, &held);
	make_stuck(count, 9101, to_last_ack, &held);
	make_stuck(count, 9102, to_closing, &held);
	namespace_await_state(STATE_FIN_WAIT1, count);
	namespace_await_state(STATE_LAST_ACK, count);
	namespace_await_state(STATE_CLOSING, count);
	return held;
}

static void orphans(struct truth *truth)
{
	const struct held held = make_orphans(8);

	truth_holder(truth, &held, "FIN_WAIT1, LAST_ACK and CLOSING: closed, still sending");
	truth->valid_s = 30;
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9100), ALL, 92);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9101), ALL, 92);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9102), ALL, 92);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL,
		     ALL - ports_between(&held.ports, FIRST, LAST));
}

/* TCP_DEFER_ACCEPT keeps the server's side in SYN_RECV until data comes. */
static void make_syn_recv(unsigned count)
{
	holder_here(ORDERS({ 1,
			     { .bind_to = LOOPBACK,
			       .bind_port = 9200,
			       .listens = true,
			       .defer_accept_s = 60 } },
			   { count, { .connect_to = LOOPBACK, .port = 9200 } }),
		    NULL);
	namespace_await_state(STATE_SYN_RECV, count);
}

/*
 * For those who count: at least one socket in each state there is, owned by different
 * processes.
 */
static void every_state(struct truth *truth)
{
	const int listener = service_start("::", 9000);
	const int leaking = service_start("0.0.0.0", 9001);

	silent_network();
	service_time_wait(listener, 6, PLAN(.connect_to = LOOPBACK, .port = 9000));
	const struct held first =
		HOLDER_START({ 9, { .connect_to = LOOPBACK, .port = 9000 } },
			     { 4, { .connect_to = LOOPBACK6, .port = 9000 } },
			     { 3, { .bind_to = LOOPBACK } }, { 2, { .bind_to = "::" } },
			     { 5, { .type = SOCK_DGRAM, .bind_to = LOOPBACK } });
	const struct held second = HOLDER_START(
		{ 7, { .connect_to = LOOPBACK, .port = 9001 } },
		{ 2, { .connect_to = "10.5.0.9", .port = 80, .no_answer = true } },
		{ 3, { .type = SOCK_DGRAM, .connect_to = LOOPBACK, .port = 53 } },
		{ 1, { .type = SOCK_DGRAM, .bind_to = LOOPBACK6 } },
		{ 1, { .bind_to = "127.0.0.9" } });

	service_close_accepted(leaking, 7);
	make_syn_recv(4);
	make_orphans(3);
	make_fin_wait2(5);
	truth_holder(truth, &first, "13 ESTABLISHED, 5 bound, 5 UDP");
	truth_holder(truth, &second, "7 CLOSE_WAIT, 2 SYN_SENT, 1 bound, 4 UDP");
	truth->valid_s = 30;
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .bind_to = "127.0.0.5"), ALL, 100);
}

const struct situation situations_states[] = {
	{ .name = "close_wait_leak",
	  .what = "the peer closed, the program never does",
	  .make = close_wait_leak },
	{ .name = "fin_wait2",
	  .what = "the program closed, the peer never does",
	  .make = fin_wait2 },
	{ .name = "half_closed",
	  .what = "the program has shut down its side only, the peer never closes",
	  .make = half_closed },
	{ .name = "fin_wait2_and_accepted",
	  .what = "FIN_WAIT2 beside accepted connections in the range",
	  .make = fin_wait2_and_accepted },
	{ .name = "black_hole",
	  .what = "a destination that never answers",
	  .make = black_hole },
	{ .name = "orphans",
	  .what = "closed sockets that no process has, still sending",
	  .make = orphans },
	{ .name = "every_state",
	  .what = "a few sockets in every state there is",
	  .make = every_state },
	{ 0 },
};
