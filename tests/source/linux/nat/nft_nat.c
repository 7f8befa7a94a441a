#include "source/linux/nat/nft_nat.h"

#include "base/arena.h"
#include "snapshot/nat.h"
#include "source/linux/nat/nat_text.h"
#include "source/linux/nat/recorded.h"

struct reading {
	struct arena arena;
	const char *const *wanted;
	size_t count;
};

static void compare(const struct nlmsghdr *message, void *context)
{
	struct reading *reading = context;
	struct nat_rule rule;

	if (!nft_nat_parse(&reading->arena, message, &rule))
		return;
	assert_that(reading->wanted[reading->count], "one too many: %s", nat_text(&rule));
	assert_string_equal(nat_text(&rule), reading->wanted[reading->count]);
	reading->count++;
}

static void assert_rules(const char *name, size_t messages, const char *const *wanted)
{
	struct reading reading = { .wanted = wanted };

	assert_int_equal(recorded_each(name, compare, &reading), messages);
	assert_that(!wanted[reading.count], "not found: %s", wanted[reading.count]);
	arena_free(&reading.arena);
}

/* Neither a rule that only counts nor one for ping is among them. */
TEST(rules_of_nftables_are_read_with_what_they_are_for)
{
	static const char *const wanted[] = {
		"ip nat post: ipv4 tcp, from 40000-40009",
		"ip nat post: ipv4 any, from 10.1.0.0/24, towards not 10.0.0.0/8",
		"ip nat post: ipv4 tcp, from 10.1.0.0/23, port 443, as 10.2.0.1-10.2.0.3, from "
		"1024-2047",
		"ip nat post: ipv4 udp, from 10.1.0.7/32, as 10.2.0.2-10.2.0.2",
		"ip nat post: ipv4 tcp, some ports",
		"ip nat post: ipv4 tcp, from 40000-40009",
		"ip6 nat post: ipv6 udp, from fd01::/64, from 50000-50000",
		"ip6 nat post: ipv6 any, towards fd02::64/128, as fd02::1-fd02::2",
		"inet nat post: ipv4 tcp, from 30000-30009",
		"inet nat post: ipv4 any, from 10.1.0.0/24",
		"inet nat post: any",
		NULL,
	};

	assert_rules("nftables", 13, wanted);
}

TEST(rules_of_iptables_nft_are_read_from_the_targets_they_wrap)
{
	static const char *const wanted[] = {
		"ip nat POSTROUTING: ipv4 tcp, from 10.1.0.0/24, towards not 10.1.0.0/24, from "
		"41000-41009",
		"ip nat POSTROUTING: ipv4 udp, port 53, as 10.2.0.1-10.2.0.2, from 42000-42009",
		"ip nat POSTROUTING: ipv4 any",
		"ip6 nat POSTROUTING: ipv6 tcp, as fd02::1-fd02::1, from 43000-43009",
		"ip6 nat POSTROUTING: ipv6 udp, from 44000-44000",
		NULL,
	};

	assert_rules("iptables-nft", 6, wanted);
}

static void take_spoilt(const struct nlmsghdr *message, void *context)
{
	struct reading *reading = context;
	struct nat_rule rule;

	if (!nft_nat_parse(&reading->arena, message, &rule))
		return;
	assert_true(rule.tcp || rule.udp);
	assert_true(rule.ports.first <= rule.ports.last);
	assert_int_equal(rule.first.family, rule.last.family);
	assert_non_null(rule.chain);
	reading->count++;
}

TEST(what_is_cut_or_spoilt_is_refused_or_still_makes_sense)
{
	static const char *const names[] = { "nftables", "iptables-nft" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct reading reading = { .count = 0 };

		recorded_each_spoilt(names[i], take_spoilt, &reading);
		assert_true(reading.count > 100);
		arena_free(&reading.arena);
	}
}

SUITE(nft_nat, cmocka_unit_test(rules_of_nftables_are_read_with_what_they_are_for),
      cmocka_unit_test(rules_of_iptables_nft_are_read_from_the_targets_they_wrap),
      cmocka_unit_test(what_is_cut_or_spoilt_is_refused_or_still_makes_sense), );
