#include "source/linux/nat/ctnetlink.h"
#include "source/linux/nat/recorded.h"

#include <stdio.h>
#include <string.h>

struct flows {
	struct nat_flow list[32];
	size_t count;
};

static void take(const struct nlmsghdr *message, void *context)
{
	struct flows *flows = context;

	if (ctnetlink_parse(message, &flows->list[flows->count]))
		flows->count++;
}

/* "tcp established 10.1.0.2:30003 > 10.2.0.100:9000 as 10.2.0.1:30003 > 10.2.0.100:9000" */
static const char *describe(const struct nat_flow *flow)
{
	static char text[400];
	char from[ADDRESS_TEXT_SIZE], asked[ADDRESS_TEXT_SIZE], address[ADDRESS_TEXT_SIZE],
		destination[ADDRESS_TEXT_SIZE];

	snprintf(text, sizeof text, "%s %s %s > %s as %s > %s", protocol_name(flow->protocol),
		 nat_state_name(flow->state),
		 address_print_endpoint(from, &flow->from, flow->from_port),
		 address_print_endpoint(asked, &flow->asked, flow->asked_port),
		 address_print_endpoint(address, &flow->address, flow->port),
		 address_print_endpoint(destination, &flow->destination,
					flow->destination_port));
	return text;
}

static const struct nat_flow *from_port(const struct flows *flows, uint16_t port,
					const char *address)
{
	char text[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < flows->count; i++)
		if (flows->list[i].from_port == port &&
		    !strcmp(address_print(text, &flows->list[i].from), address))
			return &flows->list[i];
	assert_that(false, "no connection from %s port %u", address, port);
	return NULL;
}

TEST(every_connection_is_read_as_it_was_made_and_as_it_leaves)
{
	static const struct {
		uint16_t port;
		const char *from, *text;
		bool changed;
	} wanted[] = {
		{ 30001, "10.1.0.2",
		  "tcp time_wait 10.1.0.2:30001 > 10.2.0.100:9000 as 10.2.0.1:30001 > "
		  "10.2.0.100:9000",
		  true },
		{ 30002, "10.1.0.2",
		  "tcp close 10.1.0.2:30002 > 10.2.0.100:9000 as 10.2.0.1:30002 > "
		  "10.2.0.100:9000",
		  true },
		{ 30003, "10.1.0.3",
		  "tcp established 10.1.0.3:30003 > 10.2.0.100:9000 as 10.2.0.1:54289 > "
		  "10.2.0.100:9000",
		  true },
		{ 30004, "10.1.0.2",
		  "tcp established 10.1.0.2:30004 > 10.9.9.9:80 as 10.2.0.1:30004 > "
		  "10.2.0.100:9000",
		  true },
		{ 30005, "10.2.0.1",
		  "tcp established 10.2.0.1:30005 > 10.2.0.100:9000 as 10.2.0.1:30005 > "
		  "10.2.0.100:9000",
		  false },
		{ 30006, "fd01::2",
		  "tcp established [fd01::2]:30006 > [fd02::64]:9000 as [fd02::1]:40006 > "
		  "[fd02::64]:9000",
		  true },
		{ 30007, "10.1.0.2",
		  "udp unreplied 10.1.0.2:30007 > 10.2.0.100:53 as 10.2.0.1:30007 > "
		  "10.2.0.100:53",
		  true },
		{ 30009, "10.1.0.2",
		  "tcp syn_sent 10.1.0.2:30009 > 10.2.0.77:81 as 10.2.0.1:30009 > "
		  "10.2.0.77:81",
		  true },
	};
	struct flows flows = { .count = 0 };

	/* The eleventh is a ping. */
	assert_int_equal(recorded_each("ctnetlink", take, &flows), 11);
	assert_int_equal(flows.count, 10);
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		const struct nat_flow *flow =
			from_port(&flows, wanted[i].port, wanted[i].from);

		assert_string_equal(describe(flow), wanted[i].text);
		assert_int_equal(nat_flow_is_changed(flow), wanted[i].changed);
		assert_int_equal(flow->zone, 0);
	}
}

TEST(a_zone_is_told)
{
	struct flows flows = { .count = 0 };

	recorded_each("ctnetlink", take, &flows);
	assert_int_equal(from_port(&flows, 30008, "10.1.0.2")->zone, 7);
}

/* Whatever comes, what is taken for a connection has two ends of one family. */
static void take_spoilt(const struct nlmsghdr *message, void *context)
{
	struct nat_flow flow;
	size_t *refused = context;

	if (!ctnetlink_parse(message, &flow)) {
		++*refused;
		return;
	}
	assert_true(flow.from.family && flow.from.family == flow.asked.family);
	assert_true(flow.address.family && flow.address.family == flow.destination.family);
	assert_true(flow.state < NAT_STATE_COUNT);
}

TEST(what_is_cut_or_spoilt_is_refused_or_still_makes_sense)
{
	size_t refused = 0;

	recorded_each_spoilt("ctnetlink", take_spoilt, &refused);
	assert_true(refused > 100);
}

SUITE(ctnetlink, cmocka_unit_test(every_connection_is_read_as_it_was_made_and_as_it_leaves),
      cmocka_unit_test(a_zone_is_told),
      cmocka_unit_test(what_is_cut_or_spoilt_is_refused_or_still_makes_sense), );
