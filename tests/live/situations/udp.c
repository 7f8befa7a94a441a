/* UDP: one pool for all destinations, each port taken on an address or on all. */
#include "../service.h"
#include "../situation.h"

static void udp_full(struct truth *truth)
{
	const struct held bound =
		HOLDER_START({ 30, { .type = SOCK_DGRAM, .bind_to = LOOPBACK } });
	const struct held connected = HOLDER_START(
		{ 70, { .type = SOCK_DGRAM, .connect_to = LOOPBACK, .port = 53 } });

	service_start("0.0.0.0", 9000);
	truth_holder(truth, &bound, "UDP bound on 127.0.0.1");
	truth_holder(truth, &connected, "UDP connected to 127.0.0.1:53");
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .connect_to = LOOPBACK, .port = 5353),
		     ALL, 0);
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .bind_to = "0.0.0.0"), ALL, 0);
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .bind_to = "127.0.0.5"), ALL, 100);
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .bind_to = LOOPBACK6), ALL, 100);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 100);
}

const struct situation situations_udp[] = {
	{ .name = "udp_full",
	  .what = "the UDP pool is full, TCP does not care",
	  .make = udp_full },
	{ 0 },
};
