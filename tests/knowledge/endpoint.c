#include "suite.h"

#include "base/arena.h"
#include "knowledge/endpoint.h"
#include "knowledge/lookup.h"
#include "knowledge/messages.h"

#include <stdio.h>
#include <string.h>

static void expect(const char *text, const char *wanted)
{
	struct endpoint endpoint;
	char found[64] = "";

	if (endpoint_find(text, &endpoint))
		snprintf(found, sizeof found, "%s %u", endpoint.address, endpoint.port);
	assert_that(!strcmp(found, wanted), "%s: %s", text, found);
}

TEST(an_address_with_a_port_is_found)
{
	expect("connect() to 192.0.2.7:8080 failed", "192.0.2.7 8080");
	expect("dial tcp 192.0.2.7:5432: connect: x", "192.0.2.7 5432");
	expect("dial tcp 192.0.2.5:4321->192.0.2.7:5432: connect: x", "192.0.2.7 5432");
	expect("dial tcp 192.0.2.5:0->192.0.2.7:5432: bind: x", "192.0.2.7 5432");
	expect("to [2001:db8::1]:443 failed", "2001:db8::1 443");
	expect("to [::ffff:192.0.2.7]:443", "::ffff:192.0.2.7 443");
	expect("[::1]:1", "::1 1");
	expect("http://192.0.2.7:8080/", "192.0.2.7 8080");
	expect("host/192.0.2.7:80", "192.0.2.7 80");
	expect("remote address:192.0.2.7:80", "192.0.2.7 80");
	expect("connecting to 192.0.2.7:6379. Cannot", "192.0.2.7 6379");
	expect("at \"192.0.2.7\", port 5432 failed", "192.0.2.7 5432");
	expect("at \"2001:db8::1\", port 5432 failed", "2001:db8::1 5432");
	expect("connect to host 192.0.2.7 port 22: x", "192.0.2.7 22");
	expect("host='192.0.2.7', port=80): x", "192.0.2.7 80");
	expect("('127.0.0.1', 8000): x", "127.0.0.1 8000");
	expect("client: 198.51.100.4:999, to 192.0.2.7:80", "192.0.2.7 80");
	expect("[client 198.51.100.4:999] x", "");
}

TEST(what_is_no_address_with_a_port_is_left_alone)
{
	static const char *const texts[] = {
		"",
		"db.example:5432",
		"192.0.2.7",
		"192.0.2.7:",
		"192.0.2.7:0",
		"192.0.2.7:65536",
		"192.0.2.7:080",
		"192.0.2.7:80x",
		"192.0.2.7:80-90",
		"192.0.2.7:80:90",
		"192.0.2.256:80",
		"192.0.02.7:80",
		"1.192.0.2.7:80",
		"v1.2.3.4:80",
		"1.2.3:80",
		"12:00:00 x",
		"[2001:db8::1]",
		"[2001:db8::1%eth0]:443",
		"[2001:db8::1::2]:443",
		"[1:2:3:4:5:6:7]:443",
		"[1:2:3:4:5:6:7:8:9]:443",
		"[12345::]:443",
		"[:1]:80",
		"[1:]:80",
		"[]:80",
		"[::1]:$(reboot)",
		"[::1;reboot]:80",
		"2001:db8::1:443",
		"\xff\xfe:80",
		"[",
		":",
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		expect(texts[i], "");
}

TEST(the_port_of_a_service_is_found_without_an_address_too)
{
	assert_int_equal(endpoint_find_port("listen tcp :8080: bind: x"), 8080);
	assert_int_equal(endpoint_find_port("address already in use :::3000"), 3000);
	assert_int_equal(endpoint_find_port("cannot listen to port: 8080"), 8080);
	assert_int_equal(endpoint_find_port("running on port 5432?"), 5432);
	assert_int_equal(endpoint_find_port("bind() to 0.0.0.0:80 failed"), 80);
	assert_int_equal(endpoint_find_port("bind() to [::]:80 failed"), 80);
	assert_int_equal(endpoint_find_port("main.go:42: x"), 0);
	assert_int_equal(endpoint_find_port("12:00:00 x"), 0);
	assert_int_equal(endpoint_find_port("port 99999"), 0);
	assert_int_equal(endpoint_find_port("port $(x)"), 0);
}

/* The commands for a line, of its message or else of its first topic. */
static void expect_command(const char *text, const char *wanted)
{
	struct arena arena = { 0 };
	struct lookup lookup;
	const char *command;

	assert_true(lookup_text(text, &lookup));
	command = lookup_command(&arena, &lookup,
				 lookup.message ? lookup.message->command :
						  lookup.matches[0].topic->command);
	assert_that(!command == !wanted, "%s: %s", text, command);
	if (wanted)
		assert_that(!strcmp(command, wanted), "%s: %s", text, command);
	arena_free(&arena);
}

TEST(commands_ask_for_the_destination_of_the_line)
{
	expect_command("1.2.3.4:5 app: connect() to 192.0.2.7:5432 failed (99: Cannot assign "
		       "requested address)",
		       "portroom room 192.0.2.7:5432; portroom check");
	expect_command("connect() to [2001:db8::1]:443 failed (99: Cannot assign requested "
		       "address)",
		       "portroom room '[2001:db8::1]:443'; portroom check");
	expect_command("dial tcp db:5432: connect: cannot assign requested address",
		       "portroom room DST:PORT; portroom check");
	expect_command("dial udp 192.0.2.53:53: connect: resource temporarily unavailable",
		       "portroom room --udp 192.0.2.53:53; portroom explain udp_pool_full");
	expect_command("listen tcp :3000: bind: address already in use",
		       "portroom list --port 3000");
	expect_command("Error: listen EADDRINUSE: address already in use :::3000",
		       "portroom list --port 3000");
	expect_command("dial udp 192.0.2.53:53: connect: cannot assign requested address",
		       NULL);
	expect_command("getaddrinfo EAI_AGAIN db",
		       "portroom room --udp DNS:53; portroom explain udp_pool_full");
	expect_command("accept4() failed (24: Too many open files)",
		       "portroom explain descriptor_limit");
	expect_command("dial tcp 192.0.2.7:80: i/o timeout",
		       "portroom list --state syn_sent --by dst; portroom explain "
		       "syn_sent_blackhole");
	expect_command("EADDRNOTAVAIL", "portroom room DST:PORT; portroom check");
}

SUITE(endpoint, cmocka_unit_test(an_address_with_a_port_is_found),
      cmocka_unit_test(what_is_no_address_with_a_port_is_left_alone),
      cmocka_unit_test(the_port_of_a_service_is_found_without_an_address_too),
      cmocka_unit_test(commands_ask_for_the_destination_of_the_line));
