/*
 * Owners of several kinds at once. bind(0) may choose a number that an owner of another
 * address has, so the truth is counted in the ports that were really given: a port counts
 * once. What connect() gets is stated, and hence measured, before bind(): a port that bind()
 * joined belongs to bind() until its last owner leaves, on kernels before 6.18.
 */
#include "../service.h"
#include "../situation.h"

/* Of the situation's range, what none of these sets takes. */
static unsigned left_by(const struct held *const *owners, unsigned count)
{
	struct port_set taken = { 0 };

	for (unsigned i = 0; i < count; i++)
		ports_join(&taken, &owners[i]->ports);
	return ALL - ports_between(&taken, FIRST, LAST);
}

#define LEFT_BY(...)                                                                          \
	left_by((const struct held *const[]){ __VA_ARGS__ },                                  \
		sizeof((const struct held *const[]){ __VA_ARGS__ }) / sizeof(struct held *))

static void mixed_owners(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	service_start("0.0.0.0", 9001);
	const struct held plain =
		HOLDER_START({ 30, { .connect_to = LOOPBACK, .port = 9000 } });
	const struct held first = HOLDER_START(
		{ 20, { .bind_to = LOOPBACK, .connect_to = LOOPBACK, .port = 9000 } });
	const struct held elsewhere = HOLDER_START({ 5, { .bind_to = "127.0.0.77" } });

	truth_holder(truth, &plain, "ESTABLISHED to 127.0.0.1:9000");
	truth_holder(truth, &first, "ESTABLISHED to 127.0.0.1:9000, bound before connect()");
	truth_holder(truth, &elsewhere, "bound on 127.0.0.77, never connected");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9001), ALL,
		     LEFT_BY(&first, &elsewhere));
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL,
		     LEFT_BY(&plain, &first, &elsewhere));
	truth_target(truth,
		     PLAN(.bind_to = "127.0.0.3", .no_port = true, .connect_to = LOOPBACK,
			  .port = 9000),
		     ALL, LEFT_BY(&first, &elsewhere));
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, LEFT_BY(&plain, &first));
	truth_target(truth, PLAN(.bind_to = "127.0.0.77"), ALL, LEFT_BY(&elsewhere));
	truth_target(truth, PLAN(.bind_to = "0.0.0.0"), ALL,
		     LEFT_BY(&plain, &first, &elsewhere));
}

static void mixed_families(struct truth *truth)
{
	service_start("::", 9000);
	const struct held six =
		HOLDER_START({ 40, { .connect_to = LOOPBACK6, .port = 9000 } });
	const struct held four =
		HOLDER_START({ 12, { .connect_to = "::ffff:127.0.0.1", .port = 9000 } });
	const struct held bound =
		HOLDER_START({ 6, { .bind_to = LOOPBACK6 } }, { 4, { .bind_to = "0.0.0.0" } });

	truth_holder(truth, &six, "ESTABLISHED to [::1]:9000");
	truth_holder(truth, &four, "ESTABLISHED to 127.0.0.1:9000, v4-mapped");
	truth_holder(truth, &bound, "bound on ::1 and 0.0.0.0, never connected");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL,
		     LEFT_BY(&four, &bound));
	truth_target(truth, PLAN(.connect_to = LOOPBACK6, .port = 9000), ALL,
		     LEFT_BY(&six, &bound));
	truth_target(truth, PLAN(.connect_to = "127.0.0.2", .port = 9000), ALL,
		     LEFT_BY(&bound));
}

/*
 * bind() to an IPv6 address makes the socket IPv6-only as a side effect; connect() alone does
 * not, and such a socket is in the way of 0.0.0.0 (but of no single IPv4 address). Linux
 * net/ipv6/af_inet6.c, __inet6_bind(), and ipv4_rcv_saddr_equal() in
 * net/ipv4/inet_connection_sock.c.
 */
static void mixed_bind(struct truth *truth)
{
	service_start("::", 9000);
	const struct held plain =
		HOLDER_START({ 30, { .connect_to = LOOPBACK, .port = 9000 } });
	const struct held plain6 =
		HOLDER_START({ 5, { .connect_to = LOOPBACK6, .port = 9000 } });
	const struct held one = HOLDER_START({ 10, { .bind_to = LOOPBACK } });
	const struct held nine = HOLDER_START({ 12, { .bind_to = "127.0.0.9" } });
	const struct held any = HOLDER_START({ 2, { .bind_to = "0.0.0.0" } });
	const struct held one6 = HOLDER_START({ 9, { .bind_to = LOOPBACK6 } });
	const struct held any6 = HOLDER_START({ 3, { .bind_to = "::", .v6_only = true } });

	truth_holder(truth, &plain, "ESTABLISHED to 127.0.0.1:9000");
	truth_holder(truth, &plain6, "ESTABLISHED to [::1]:9000");
	truth_holder(truth, &one, "bound on 127.0.0.1");
	truth_holder(truth, &nine, "bound on 127.0.0.9");
	truth_holder(truth, &any, "bound on 0.0.0.0");
	truth_holder(truth, &one6, "bound on ::1");
	truth_holder(truth, &any6, "bound on :: for IPv6 only");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL,
		     LEFT_BY(&plain, &one, &nine, &any, &one6, &any6));
	truth_target(truth, PLAN(.connect_to = LOOPBACK6, .port = 9000), ALL,
		     LEFT_BY(&plain6, &one, &nine, &any, &one6, &any6));
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, LEFT_BY(&plain, &one, &any));
	truth_target(truth, PLAN(.bind_to = "127.0.0.9"), ALL, LEFT_BY(&nine, &any));
	truth_target(truth, PLAN(.bind_to = "0.0.0.0"), ALL,
		     LEFT_BY(&plain, &plain6, &one, &nine, &any));
	truth_target(truth, PLAN(.listens = true), ALL,
		     LEFT_BY(&plain, &plain6, &one, &nine, &any));
	truth_target(truth, PLAN(.bind_to = LOOPBACK6), ALL, LEFT_BY(&plain6, &one6, &any6));
	truth_target(truth, PLAN(.bind_to = "::"), ALL,
		     LEFT_BY(&plain, &plain6, &one, &nine, &any, &one6, &any6));
}

/* Of four ways to get a connection from ::1, only plain connect() is in the way of 0.0.0.0. */
static void wildcard_and_v6(struct truth *truth)
{
	service_start("::", 9000);
	const struct held plain =
		HOLDER_START({ 10, { .connect_to = LOOPBACK6, .port = 9000 } });
	const struct held only = HOLDER_START(
		{ 8, { .v6_only = true, .connect_to = LOOPBACK6, .port = 9000 } });
	const struct held no_port = HOLDER_START({ 7,
						   { .bind_to = LOOPBACK6,
						     .no_port = true,
						     .connect_to = LOOPBACK6,
						     .port = 9000 } });
	const struct held first = HOLDER_START(
		{ 6, { .bind_to = LOOPBACK6, .connect_to = LOOPBACK6, .port = 9000 } });

	truth_holder(truth, &plain, "ESTABLISHED to [::1]:9000");
	truth_holder(truth, &only, "ESTABLISHED to [::1]:9000, IPV6_V6ONLY");
	truth_holder(truth, &no_port, "ESTABLISHED to [::1]:9000, bound without port");
	truth_holder(truth, &first, "ESTABLISHED to [::1]:9000, bound before connect()");
	truth_target(truth, PLAN(.connect_to = LOOPBACK6, .port = 9000), ALL, 69);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 94);
	truth_target(truth, PLAN(.bind_to = "0.0.0.0"), ALL, 90);
	truth_target(truth, PLAN(.listens = true), ALL, 90);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 100);
	truth_target(truth, PLAN(.bind_to = LOOPBACK6), ALL, 69);
	truth_target(truth, PLAN(.bind_to = "::"), ALL, 69);
}

static void mixed_udp(struct truth *truth)
{
	const struct held one =
		HOLDER_START({ 20, { .type = SOCK_DGRAM, .bind_to = LOOPBACK } });
	const struct held nine =
		HOLDER_START({ 7, { .type = SOCK_DGRAM, .bind_to = "127.0.0.9" } });
	/* connect() narrows the wildcard to the source address. */
	const struct held connected = HOLDER_START(
		{ 4, { .type = SOCK_DGRAM, .connect_to = LOOPBACK, .port = 53 } });
	const struct held one6 =
		HOLDER_START({ 6, { .type = SOCK_DGRAM, .bind_to = LOOPBACK6 } });
	const struct held any6 =
		HOLDER_START({ 2, { .type = SOCK_DGRAM, .bind_to = "::", .v6_only = true } });
	const struct held both = HOLDER_START({ 1, { .type = SOCK_DGRAM, .bind_to = "::" } });
	/* As in TCP: not bound to ::1 by bind(), hence in the way of 0.0.0.0. */
	const struct held connected6 = HOLDER_START(
		{ 3, { .type = SOCK_DGRAM, .connect_to = LOOPBACK6, .port = 53 } });

	truth_holder(truth, &one, "UDP bound on 127.0.0.1");
	truth_holder(truth, &nine, "UDP bound on 127.0.0.9");
	truth_holder(truth, &connected, "UDP connected to 127.0.0.1:53");
	truth_holder(truth, &connected6, "UDP connected to [::1]:53");
	truth_holder(truth, &one6, "UDP bound on ::1");
	truth_holder(truth, &any6, "UDP bound on :: for IPv6 only");
	truth_holder(truth, &both, "UDP bound on :: for both families");
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .connect_to = LOOPBACK, .port = 5353),
		     ALL, LEFT_BY(&one, &nine, &connected, &connected6, &both));
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .connect_to = LOOPBACK6, .port = 5353),
		     ALL, LEFT_BY(&one, &nine, &connected, &connected6, &both, &one6, &any6));
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .bind_to = LOOPBACK), ALL,
		     LEFT_BY(&one, &connected, &both));
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .bind_to = "127.0.0.9"), ALL,
		     LEFT_BY(&nine, &both));
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .bind_to = "127.0.0.5"), ALL,
		     LEFT_BY(&both));
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .bind_to = LOOPBACK6), ALL,
		     LEFT_BY(&one6, &connected6, &any6, &both));
}

const struct situation situations_mixed[] = {
	{ .name = "mixed_owners",
	  .what = "connect(), bind() before connect(), bind() on another address",
	  .make = mixed_owners },
	{ .name = "mixed_families",
	  .what = "IPv6, v4-mapped, and bound sockets of both families",
	  .make = mixed_families },
	{ .name = "mixed_bind",
	  .what = "bind(0) on five addresses among owners of every kind",
	  .make = mixed_bind },
	{ .name = "wildcard_and_v6",
	  .what = "connections from ::1 made in four ways, and bind(0) on 0.0.0.0",
	  .make = wildcard_and_v6 },
	{ .name = "mixed_udp", .what = "UDP among owners of every kind", .make = mixed_udp },
	{ 0 },
};
