#include "snapshot/address.h"

#include "inet.h"
#include "noise.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

/* What the C library makes of the text, a mapped address taken as the IPv4 address it stands for. */
static bool expected_of(const char *text, struct address *address)
{
	uint8_t bytes[16];

	if (inet_read(AF_INET, text, bytes) == 1)
		*address = address_ipv4(bytes);
	else if (inet_read(AF_INET6, text, bytes) == 1)
		*address = address_ipv6(bytes);
	else
		return false;
	return true;
}

static void assert_as_the_library(const char *text)
{
	struct address ours, theirs;
	bool expected = expected_of(text, &theirs);

	assert_that(address_parse(text, &ours) == expected, "'%s' should be %s", text,
		    expected ? "read" : "refused");
	if (expected)
		assert_that(address_equal(&ours, &theirs), "'%s' is read as another address",
			    text);
}

static const char *const readable[] = {
	"0.0.0.0",
	"127.0.0.1",
	"10.0.0.5",
	"255.255.255.255",
	"1.2.3.4",
	"192.168.100.200",
	"::",
	"::1",
	"1::",
	"1::8",
	"fe80::1",
	"2001:db8::",
	"2001:db8::1",
	"2001:DB8::ABcd",
	"1:2:3:4:5:6:7:8",
	"01:002:0003:4:5:6:7:8",
	"1:2:3:4:5:6:7::",
	"::2:3:4:5:6:7:8",
	"1::3:4:5:6:7:8",
	"1:2:3:4:5:6::8",
	"0:0:0:0:0:0:0:0",
	"::ffff:10.0.0.1",
	"::ffff:a00:1",
	"::FFFF:127.0.0.1",
	"::1.2.3.4",
	"64:ff9b::1.2.3.4",
	"1:2:3:4:5:6:1.2.3.4",
	"::2:3:4:5:6:1.2.3.4",
	"1:2:3:4:5::1.2.3.4",
	"1::1.2.3.4",
	"0:0:0:0:0:ffff:1.2.3.4",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
};

static const char *const malformed[] = {
	"",
	" ",
	".",
	":",
	"*",
	"localhost",
	"1",
	"1.2",
	"1.2.3",
	"1.2.3.",
	".1.2.3.4",
	"1..2.3",
	"1.2.3.4.",
	"1.2.3.4.5",
	"1.2.3.256",
	"256.1.1.1",
	"1.2.3.1000",
	"01.2.3.4",
	"1.2.3.00",
	"1.2.3.04",
	"0x1.2.3.4",
	"1.2.3.a",
	"-1.2.3.4",
	"+1.2.3.4",
	" 1.2.3.4",
	"1.2.3.4 ",
	"1.2.3.4\n",
	"1,2,3,4",
	"1.2.3.4/24",
	"4294967296.0.0.1",
	":::",
	"::::",
	"1:::2",
	"1::2::3",
	":1",
	"1:",
	":1:2:3:4:5:6:7",
	"1:2:3:4:5:6:7",
	"1:2:3:4:5:6:7:8:9",
	"1:2:3:4:5:6:7:8::",
	"::1:2:3:4:5:6:7:8",
	"1:2:3:4::5:6:7:8",
	"12345::",
	"::12345",
	"::00001",
	"g::",
	"::g",
	"::1 ",
	" ::1",
	"::1%lo",
	"fe80::1%eth0",
	"::1/128",
	"1:2:3:4:5:6:7:",
	"::1.2.3",
	"::1.2.3.256",
	"::01.2.3.4",
	"::1.2.3.4:5",
	"1.2.3.4::",
	"1:2:3:4:5:6:7:1.2.3.4",
	"1:2:3:4:5:6:7:8.1.2.3",
	"::1:2:3:4:5:6:7:1.2.3.4",
	"::.1.2.3",
	"::12345.1.1.1",
	"::a.1.2.3",
	"1:2:3:4:5:1.2.3.4",
	"::1.2.3.4.",
	"::1..2.3",
	"--1",
	"::-1",
	"0::0::0",
};

TEST(readable_addresses_are_read_as_the_c_library_reads_them)
{
	for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++) {
		struct address address;

		assert_that(expected_of(readable[i], &address), "'%s' is not readable",
			    readable[i]);
		assert_as_the_library(readable[i]);
	}
}

TEST(malformed_addresses_are_refused_as_the_c_library_refuses_them)
{
	for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
		struct address address;

		assert_that(!expected_of(malformed[i], &address), "'%s' is readable",
			    malformed[i]);
		assert_as_the_library(malformed[i]);
	}
}

TEST(random_text_is_judged_as_the_c_library_judges_it)
{
	static const char letters[] = "0123456789abcdefABF:::::....", few[] = "01f::.";
	struct noise noise = { 1 };
	char text[32];

	for (int i = 0; i < 300000; i++) {
		const char *from = i % 2 ? letters : few;
		size_t count = i % 2 ? sizeof letters - 1 : sizeof few - 1;
		unsigned length = noise_below(&noise, i % 2 ? 20 : 12);

		for (unsigned at = 0; at < length; at++)
			text[at] = from[noise_below(&noise, (unsigned)count)];
		text[length] = '\0';
		assert_as_the_library(text);
	}
}

/* A readable address with a letter changed, added or taken is on the edge of being one. */
TEST(slightly_wrong_addresses_are_judged_as_the_c_library_judges_them)
{
	static const char letters[] = "0129afF:.g% ";
	struct noise noise = { 2 };
	char text[64];

	for (int i = 0; i < 200000; i++) {
		const char *word =
			readable[noise_below(&noise, sizeof readable / sizeof readable[0])];
		size_t length = strlen(word), at = noise_below(&noise, (unsigned)length);
		char letter = letters[noise_below(&noise, sizeof letters - 1)];

		switch (noise_below(&noise, 3)) {
		case 0:
			strcpy(text, word);
			text[at] = letter;
			break;
		case 1:
			snprintf(text, sizeof text, "%.*s%c%s", (int)at, word, letter,
				 word + at);
			break;
		default:
			snprintf(text, sizeof text, "%.*s%s", (int)at, word, word + at + 1);
		}
		assert_as_the_library(text);
	}
}

static void random_ipv6(struct noise *noise, uint8_t bytes[16])
{
	for (int group = 0; group < 8; group++) {
		unsigned value = noise_below(noise, 3) ? 0 : noise_below(noise, 65536);

		if (!noise_below(noise, 4))
			value &= 0xf; /* leading zeros to leave out */
		bytes[2 * group] = (uint8_t)(value >> 8);
		bytes[2 * group + 1] = (uint8_t)value;
	}
}

/* The C library writes ::102:304 as ::1.2.3.4, which RFC 5952 asks for with known prefixes only. */
static bool is_ipv4_compatible(const uint8_t bytes[16])
{
	static const uint8_t zero[12];

	return !memcmp(bytes, zero, 12) && (bytes[12] || bytes[13]);
}

TEST(random_ipv6_addresses_are_printed_as_the_c_library_prints_them)
{
	struct noise noise = { 3 };

	for (int i = 0; i < 200000; i++) {
		char ours[ADDRESS_TEXT_SIZE], theirs[INET6_ADDRSTRLEN];
		struct address address;
		uint8_t bytes[16];

		random_ipv6(&noise, bytes);
		address = address_ipv6(bytes);
		if (address.family != FAMILY_IPV6 || is_ipv4_compatible(bytes))
			continue;
		inet_ntop(AF_INET6, bytes, theirs, sizeof theirs);
		assert_string_equal(address_print(ours, &address), theirs);
	}
}

TEST(random_ipv4_addresses_are_printed_as_the_c_library_prints_them)
{
	struct noise noise = { 4 };

	for (int i = 0; i < 50000; i++) {
		char ours[ADDRESS_TEXT_SIZE], theirs[INET_ADDRSTRLEN];
		uint32_t bytes = (uint32_t)noise_next(&noise);
		struct address address = address_ipv4(&bytes);

		inet_ntop(AF_INET, &bytes, theirs, sizeof theirs);
		assert_string_equal(address_print(ours, &address), theirs);
	}
}

TEST(what_is_printed_is_read_back_as_the_same_address)
{
	struct noise noise = { 5 };

	for (int i = 0; i < 100000; i++) {
		char text[ADDRESS_TEXT_SIZE];
		struct address address, again;
		uint8_t bytes[16];

		random_ipv6(&noise, bytes);
		address = address_ipv6(bytes);
		assert_true(address_parse(address_print(text, &address), &again));
		assert_true(address_equal(&address, &again));
	}
}

static void assert_printed(const char *text, const char *expected)
{
	char buffer[ADDRESS_TEXT_SIZE];
	struct address address;

	assert_true(address_parse(text, &address));
	assert_string_equal(address_print(buffer, &address), expected);
}

/* The examples of RFC 5952, sections 4 and 5. */
TEST(ipv6_text_follows_rfc_5952)
{
	assert_printed("2001:0db8::0001", "2001:db8::1");
	assert_printed("2001:db8:0:0:0:0:2:1", "2001:db8::2:1");
	assert_printed("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
	assert_printed("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
	assert_printed("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
	assert_printed("2001:DB8::AAAA", "2001:db8::aaaa");
	assert_printed("0:0:0:0:0:0:0:0", "::");
	assert_printed("1:0:0:0:0:0:0:0", "1::");
	assert_printed("0:0:0:0:0:0:102:304", "::102:304");
}

TEST(a_mapped_address_is_the_ipv4_address_it_stands_for)
{
	static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 10, 0, 0, 1 };
	struct address plain, text, bytes = address_ipv6(mapped);

	assert_true(address_parse("10.0.0.1", &plain));
	assert_true(address_parse("::ffff:10.0.0.1", &text));
	assert_int_equal(bytes.family, FAMILY_IPV4);
	assert_true(address_equal(&plain, &text));
	assert_true(address_equal(&plain, &bytes));
	assert_printed("::ffff:a00:1", "10.0.0.1");
	assert_printed("::fffe:10.0.0.1", "::fffe:a00:1");
}

TEST(brackets_enclose_ipv6_and_nothing_else)
{
	static const char *const wrong[] = { "[1.2.3.4]", "[]",	  "[",	     "]",
					     "[::1",	  "::1]", "[[::1]]", "[::1] " };
	struct address address, plain;

	assert_true(address_parse("[2001:db8::1]", &address));
	assert_true(address_parse("2001:db8::1", &plain));
	assert_true(address_equal(&address, &plain));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_that(!address_parse(wrong[i], &address), "'%s'", wrong[i]);
}

static bool is_any(const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return address_is_any(&address);
}

static bool is_loopback(const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return address_is_loopback(&address);
}

TEST(the_wildcards_are_any)
{
	assert_true(is_any("0.0.0.0"));
	assert_true(is_any("::"));
	assert_true(is_any("::ffff:0.0.0.0"));
	assert_false(is_any("0.0.0.1"));
	assert_false(is_any("::1"));
}

TEST(loopback_is_a_whole_network_in_ipv4_and_one_address_in_ipv6)
{
	assert_true(is_loopback("127.0.0.1"));
	assert_true(is_loopback("127.255.255.254"));
	assert_true(is_loopback("::1"));
	assert_true(is_loopback("::ffff:127.0.0.1"));
	assert_false(is_loopback("126.255.255.255"));
	assert_false(is_loopback("128.0.0.1"));
	assert_false(is_loopback("::2"));
	assert_false(is_loopback("1::1"));
	assert_false(is_loopback("::127.0.0.1"));
	assert_false(address_is_loopback(&(struct address){ 0 }));
}

TEST(the_wildcards_of_the_two_families_differ)
{
	struct address four, six;

	assert_true(address_parse("0.0.0.0", &four));
	assert_true(address_parse("::", &six));
	assert_false(address_equal(&four, &six));
}

TEST(an_endpoint_is_an_address_and_a_port)
{
	static const struct {
		const char *text, *address;
		uint16_t port;
	} table[] = {
		{ "10.0.0.5:443", "10.0.0.5", 443 },
		{ "0.0.0.0:0", "0.0.0.0", 0 },
		{ "10.0.0.5:65535", "10.0.0.5", 65535 },
		{ "10.0.0.5:00080", "10.0.0.5", 80 },
		{ "[::1]:443", "::1", 443 },
		{ "[::]:1", "::", 1 },
		{ "[2001:db8::5]:5432", "2001:db8::5", 5432 },
		{ "[::ffff:10.0.0.5]:80", "10.0.0.5", 80 },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct address address, expected;
		uint16_t port;

		assert_true(address_parse(table[i].address, &expected));
		assert_that(address_parse_endpoint(table[i].text, &address, &port), "'%s'",
			    table[i].text);
		assert_that(address_equal(&address, &expected), "'%s'", table[i].text);
		assert_int_equal(port, table[i].port);
	}
}

TEST(what_is_no_endpoint_is_refused)
{
	static const char *const table[] = {
		"",
		":",
		":80",
		"10.0.0.5",
		"10.0.0.5:",
		"10.0.0.5:65536",
		"10.0.0.5:100000",
		"10.0.0.5:000080",
		"10.0.0.5:-1",
		"10.0.0.5:+1",
		"10.0.0.5: 80",
		"10.0.0.5:80 ",
		"10.0.0.5:http",
		"10.0.0.5:80:90",
		"10.0.0.5:0x50",
		"*:80",
		"localhost:80",
		"[10.0.0.5]:80",
		"10.0.0:80",
		"[::1]",
		"[::1]:",
		"[::1]443",
		"[::1:443",
		"::1]:443",
		"[::1]:65536",
		"[]:80",
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct address address;
		uint16_t port;

		assert_that(!address_parse_endpoint(table[i], &address, &port), "'%s'",
			    table[i]);
	}
}

/* The last group of an address is not a port, whatever the others say. */
TEST(an_ipv6_endpoint_needs_its_brackets)
{
	static const char *const table[] = {
		"::1:443", "2001:db8::5:80", "::", "::ffff:102:304:80", "::ffff:1.2.3.4:80",
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct address address;
		uint16_t port;

		assert_that(!address_parse_endpoint(table[i], &address, &port), "'%s'",
			    table[i]);
	}
}

TEST(an_endpoint_is_printed_as_it_is_read)
{
	static const char *const table[] = {
		"10.0.0.5:443",
		"[::1]:443",
		"[::]:0",
		"0.0.0.0:65535",
		"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char text[ADDRESS_TEXT_SIZE];
		struct address address;
		uint16_t port;

		assert_true(address_parse_endpoint(table[i], &address, &port));
		assert_string_equal(address_print_endpoint(text, &address, port), table[i]);
	}
}

TEST(no_address_is_printed_as_a_star)
{
	char text[ADDRESS_TEXT_SIZE];

	assert_string_equal(address_print(text, &(struct address){ 0 }), "*");
	assert_string_equal(address_print_endpoint(text, &(struct address){ 0 }, 80), "*:80");
}

static int mask_bits(const char *mask)
{
	struct address address;

	assert_true(address_parse(mask, &address));
	return address_mask_bits(address.bytes, address.family == FAMILY_IPV6 ? 16 : 4);
}

TEST(a_netmask_has_its_bits_at_the_front)
{
	assert_int_equal(mask_bits("0.0.0.0"), 0);
	assert_int_equal(mask_bits("255.255.254.0"), 23);
	assert_int_equal(mask_bits("255.255.255.255"), 32);
	assert_int_equal(mask_bits("255.0.255.0"), -1);
	assert_int_equal(mask_bits("0.0.0.1"), -1);
	assert_int_equal(mask_bits("ffff:ffff:ffff:ffff::"), 64);
	assert_int_equal(mask_bits("::1"), -1);
}

SUITE(address, cmocka_unit_test(readable_addresses_are_read_as_the_c_library_reads_them),
      cmocka_unit_test(malformed_addresses_are_refused_as_the_c_library_refuses_them),
      cmocka_unit_test(random_text_is_judged_as_the_c_library_judges_it),
      cmocka_unit_test(slightly_wrong_addresses_are_judged_as_the_c_library_judges_them),
      cmocka_unit_test(random_ipv6_addresses_are_printed_as_the_c_library_prints_them),
      cmocka_unit_test(random_ipv4_addresses_are_printed_as_the_c_library_prints_them),
      cmocka_unit_test(what_is_printed_is_read_back_as_the_same_address),
      cmocka_unit_test(ipv6_text_follows_rfc_5952),
      cmocka_unit_test(a_mapped_address_is_the_ipv4_address_it_stands_for),
      cmocka_unit_test(brackets_enclose_ipv6_and_nothing_else),
      cmocka_unit_test(the_wildcards_are_any),
      cmocka_unit_test(loopback_is_a_whole_network_in_ipv4_and_one_address_in_ipv6),
      cmocka_unit_test(the_wildcards_of_the_two_families_differ),
      cmocka_unit_test(a_netmask_has_its_bits_at_the_front),
      cmocka_unit_test(an_endpoint_is_an_address_and_a_port),
      cmocka_unit_test(what_is_no_endpoint_is_refused),
      cmocka_unit_test(an_ipv6_endpoint_needs_its_brackets),
      cmocka_unit_test(an_endpoint_is_printed_as_it_is_read),
      cmocka_unit_test(no_address_is_printed_as_a_star), );
