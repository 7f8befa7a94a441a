/* Ports that connect() took: limited per destination, shared between destinations. */
#include "../service.h"
#include "../situation.h"

static void destination_full(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	service_start("0.0.0.0", 9001);
	const struct held held =
		HOLDER_START({ 100, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &held, "ESTABLISHED to 127.0.0.1:9000");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 0);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9001), ALL, 100);
	truth_target(truth, PLAN(.connect_to = "127.0.0.2", .port = 9000), ALL, 100);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 0);
	truth_target(truth, PLAN(.bind_to = "127.0.0.9"), ALL, 100);
}

static void two_processes(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held more =
		HOLDER_START({ 70, { .connect_to = LOOPBACK, .port = 9000 } });
	const struct held less =
		HOLDER_START({ 25, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &more, "ESTABLISHED to 127.0.0.1:9000");
	truth_holder(truth, &less, "ESTABLISHED to 127.0.0.1:9000");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 5);
}

/* Three times as many connections as ports, yet no destination is short of them. */
static void busy_but_healthy(struct truth *truth)
{
	struct order orders[5];

	for (uint16_t i = 0; i < 5; i++) {
		service_start("0.0.0.0", 9000 + i);
		orders[i] = (struct order){ 60, { .connect_to = LOOPBACK, .port = 9000 + i } };
	}
	const struct held held = holder_start(orders, 5);

	truth_holder(truth, &held, "ESTABLISHED, 60 to each of 127.0.0.1:9000 to 9004");
	for (uint16_t i = 0; i < 5; i++)
		truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000 + i), ALL, 40);
}

static void v4_mapped(struct truth *truth)
{
	service_start("::", 9000);
	const struct held held =
		HOLDER_START({ 40, { .connect_to = "::ffff:127.0.0.1", .port = 9000 } },
			     { 90, { .connect_to = LOOPBACK6, .port = 9000 } },
			     { 35, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &held, "ESTABLISHED: 40 v4-mapped, 35 IPv4, 90 IPv6");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 25);
	truth_target(truth, PLAN(.connect_to = LOOPBACK6, .port = 9000), ALL, 10);
}

static void more_source_addresses(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held held = HOLDER_START({ 100,
						{ .bind_to = LOOPBACK,
						  .no_port = true,
						  .connect_to = LOOPBACK,
						  .port = 9000 } },
					      { 100,
						{ .bind_to = "127.0.0.2",
						  .no_port = true,
						  .connect_to = LOOPBACK,
						  .port = 9000 } });

	truth_holder(truth, &held,
		     "ESTABLISHED to 127.0.0.1:9000, 100 from each of two addresses");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 0);
	truth_target(truth,
		     PLAN(.bind_to = "127.0.0.2", .no_port = true, .connect_to = LOOPBACK,
			  .port = 9000),
		     ALL, 0);
	truth_target(truth,
		     PLAN(.bind_to = "127.0.0.3", .no_port = true, .connect_to = LOOPBACK,
			  .port = 9000),
		     ALL, 100);
}

/* Sockets bound with IP_BIND_ADDRESS_NO_PORT count as made by connect(). */
static void no_port_sources(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	const struct held held = HOLDER_START({ 33,
						{ .bind_to = LOOPBACK,
						  .no_port = true,
						  .connect_to = LOOPBACK,
						  .port = 9000 } },
					      { 50,
						{ .bind_to = "127.0.0.2",
						  .no_port = true,
						  .connect_to = LOOPBACK,
						  .port = 9000 } });

	truth_holder(truth, &held,
		     "ESTABLISHED to 127.0.0.1:9000, 33 and 50 from two addresses");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 67);
	truth_target(truth,
		     PLAN(.bind_to = "127.0.0.2", .no_port = true, .connect_to = LOOPBACK,
			  .port = 9000),
		     ALL, 50);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 67);
}

static void quiet(struct truth *truth)
{
	service_start("::", 9000);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 100);
	truth_target(truth, PLAN(.connect_to = LOOPBACK6, .port = 9000), ALL, 100);
	truth_target(truth, PLAN(.bind_to = "::"), ALL, 100);
	truth_target(truth, PLAN(.listens = true), ALL, 100);
	truth_target(truth, PLAN(.type = SOCK_DGRAM, .connect_to = LOOPBACK, .port = 53), ALL,
		     100);
}

const struct situation situations_connect[] = {
	{ .name = "quiet", .what = "a server and nobody who uses it", .make = quiet },
	{ .name = "destination_full",
	  .what = "one process holds every port to one destination",
	  .make = destination_full },
	{ .name = "two_processes",
	  .what = "two processes share one destination: 5 of 100 left",
	  .make = two_processes },
	{ .name = "busy_but_healthy",
	  .what = "300 connections in 100 ports, 60 to each of five destinations",
	  .make = busy_but_healthy },
	{ .name = "v4_mapped",
	  .what = "AF_INET6 sockets to IPv4 destinations count as IPv4",
	  .make = v4_mapped },
	{ .name = "more_source_addresses",
	  .what = "two source addresses are full, a third has all ports",
	  .make = more_source_addresses },
	{ .name = "no_port_sources",
	  .what = "IP_BIND_ADDRESS_NO_PORT from the same and from another address",
	  .make = no_port_sources },
	{ 0 },
};
