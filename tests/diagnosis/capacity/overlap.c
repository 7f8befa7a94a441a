#include "diagnosis/machine.h"

static enum overlap between(const char *a, enum ipv6_only a_only, const char *b,
			    enum ipv6_only b_only)
{
	struct address left, right;
	enum overlap overlap;

	assert_true(address_parse(a, &left));
	assert_true(address_parse(b, &right));
	overlap = capacity_overlap(&left, a_only, &right, b_only);
	/* Neither side is the first. */
	assert_int_equal(capacity_overlap(&right, b_only, &left, a_only), overlap);
	return overlap;
}

static enum overlap open_between(const char *a, const char *b)
{
	return between(a, IPV6_ONLY_NO, b, IPV6_ONLY_NO);
}

TEST(an_address_competes_with_itself_and_no_other)
{
	assert_int_equal(open_between("10.0.0.1", "10.0.0.1"), OVERLAP_YES);
	assert_int_equal(open_between("10.0.0.1", "10.0.0.2"), OVERLAP_NO);
	assert_int_equal(open_between("::1", "::1"), OVERLAP_YES);
	assert_int_equal(open_between("::1", "2001:db8::1"), OVERLAP_NO);
	assert_int_equal(open_between("127.0.0.1", "::1"), OVERLAP_NO);
}

TEST(a_wildcard_covers_every_address_of_its_family)
{
	assert_int_equal(open_between("0.0.0.0", "10.0.0.1"), OVERLAP_YES);
	assert_int_equal(open_between("0.0.0.0", "0.0.0.0"), OVERLAP_YES);
	assert_int_equal(open_between("::", "2001:db8::1"), OVERLAP_YES);
	assert_int_equal(between("::", IPV6_ONLY_YES, "::1", IPV6_ONLY_YES), OVERLAP_YES);
}

TEST(an_ipv6_wildcard_covers_ipv4_unless_it_is_for_ipv6_only)
{
	assert_int_equal(between("::", IPV6_ONLY_NO, "10.0.0.1", IPV6_ONLY_NO), OVERLAP_YES);
	assert_int_equal(between("::", IPV6_ONLY_NO, "0.0.0.0", IPV6_ONLY_NO), OVERLAP_YES);
	assert_int_equal(between("::", IPV6_ONLY_YES, "10.0.0.1", IPV6_ONLY_NO), OVERLAP_NO);
	assert_int_equal(between("::", IPV6_ONLY_YES, "0.0.0.0", IPV6_ONLY_NO), OVERLAP_NO);
}

TEST(an_ipv4_wildcard_covers_ipv6_addresses_of_sockets_open_to_ipv4)
{
	assert_int_equal(between("0.0.0.0", IPV6_ONLY_NO, "::1", IPV6_ONLY_NO), OVERLAP_YES);
	assert_int_equal(between("0.0.0.0", IPV6_ONLY_NO, "::1", IPV6_ONLY_YES), OVERLAP_NO);
}

TEST(where_openness_is_not_known_the_families_may_compete)
{
	assert_int_equal(between("::", IPV6_ONLY_UNKNOWN, "10.0.0.1", IPV6_ONLY_NO),
			 OVERLAP_MAYBE);
	assert_int_equal(between("0.0.0.0", IPV6_ONLY_NO, "::1", IPV6_ONLY_UNKNOWN),
			 OVERLAP_MAYBE);
	assert_int_equal(between("10.0.0.1", IPV6_ONLY_NO, "::1", IPV6_ONLY_UNKNOWN),
			 OVERLAP_NO);
	assert_int_equal(between("::", IPV6_ONLY_UNKNOWN, "::1", IPV6_ONLY_UNKNOWN),
			 OVERLAP_YES);
}

TEST(a_mapped_address_competes_as_ipv4)
{
	assert_int_equal(open_between("::ffff:10.0.0.1", "10.0.0.1"), OVERLAP_YES);
	assert_int_equal(open_between("::ffff:10.0.0.1", "0.0.0.0"), OVERLAP_YES);
	assert_int_equal(between("::ffff:10.0.0.1", IPV6_ONLY_NO, "::", IPV6_ONLY_YES),
			 OVERLAP_NO);
}

SUITE(overlap, cmocka_unit_test(an_address_competes_with_itself_and_no_other),
      cmocka_unit_test(a_wildcard_covers_every_address_of_its_family),
      cmocka_unit_test(an_ipv6_wildcard_covers_ipv4_unless_it_is_for_ipv6_only),
      cmocka_unit_test(an_ipv4_wildcard_covers_ipv6_addresses_of_sockets_open_to_ipv4),
      cmocka_unit_test(where_openness_is_not_known_the_families_may_compete),
      cmocka_unit_test(a_mapped_address_competes_as_ipv4), );
