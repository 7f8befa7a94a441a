#include "source/linux/nat/iptables_nat.h"

#include "snapshot/nat.h"
#include "source/linux/nat/nat_text.h"
#include "source/linux/nat/recorded.h"

#include <stdlib.h>
#include <string.h>

struct reading {
	const char *const *wanted; /* NULL: anything that makes sense */
	size_t count;
};

static void take(void *context, const struct nat_rule *rule)
{
	struct reading *reading = context;

	if (reading->wanted) {
		assert_that(reading->wanted[reading->count], "one too many: %s",
			    nat_text(rule));
		assert_string_equal(nat_text(rule), reading->wanted[reading->count]);
	}
	assert_true(rule->tcp || rule->udp);
	assert_true(rule->ports.first <= rule->ports.last);
	reading->count++;
}

static void assert_rules(const char *name, bool six, const char *const *wanted)
{
	struct reading reading = { .wanted = wanted };
	size_t size;
	void *table = recorded_read(name, &size);

	iptables_nat_parse(table, size, six, take, &reading);
	assert_that(!wanted[reading.count], "not found: %s", wanted[reading.count]);
	free(table);
}

TEST(rules_of_iptables_legacy_are_read_with_what_they_are_for)
{
	static const char *const wanted[] = {
		"ipv4 tcp, from 10.1.0.0/24, towards not 10.1.0.0/24, from 41000-41009",
		"ipv4 udp, as 10.2.0.1-10.2.0.2, from 42000-42009",
		"ipv4 any",
		NULL,
	};

	assert_rules("iptables-legacy", false, wanted);
}

TEST(rules_of_ip6tables_legacy_are_read_with_what_they_are_for)
{
	static const char *const wanted[] = {
		"ipv6 tcp, from fd01::/64, as fd02::1-fd02::1, from 43000-43009",
		"ipv6 udp, from 44000-44000",
		NULL,
	};

	assert_rules("ip6tables-legacy", true, wanted);
}

/* In memory of just its size, so that a sanitizer sees who reads beyond. */
static size_t count_in(const uint8_t *table, size_t size, bool six, size_t at, int value)
{
	struct reading reading = { .count = 0 };
	uint8_t *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, table, size);
	if (value >= 0)
		copy[at] = (uint8_t)value;
	iptables_nat_parse(copy, size, six, take, &reading);
	free(copy);
	return reading.count;
}

static void try_spoilt(const char *name, bool six, size_t rules)
{
	size_t size;
	uint8_t *table = recorded_read(name, &size);

	for (size_t cut = 0; cut < size; cut++)
		assert_true(count_in(table, cut, six, 0, -1) <= rules);
	for (size_t at = 0; at < size; at++) {
		count_in(table, size, six, at, 0);
		count_in(table, size, six, at, 0xff);
	}
	free(table);
}

TEST(what_is_cut_or_spoilt_ends_early_or_still_makes_sense)
{
	try_spoilt("iptables-legacy", false, 3);
	try_spoilt("ip6tables-legacy", true, 2);
}

SUITE(iptables_nat, cmocka_unit_test(rules_of_iptables_legacy_are_read_with_what_they_are_for),
      cmocka_unit_test(rules_of_ip6tables_legacy_are_read_with_what_they_are_for),
      cmocka_unit_test(what_is_cut_or_spoilt_ends_early_or_still_makes_sense), );
