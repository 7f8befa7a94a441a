#include "snapshot/host_name.h"

#include "suite.h"

#include <stddef.h>

static void assert_may_be(const char *one, const char *other, bool may_be)
{
	assert_int_equal(host_name_may_be(one, other), may_be);
	assert_int_equal(host_name_may_be(other, one), may_be);
}

TEST(the_same_name_is_the_same_machine)
{
	assert_may_be("web1", "web1", true);
	assert_may_be("web1", "WEB1", true);
	assert_may_be("web1", "web2", false);
	assert_may_be("web1", "web10", false);
}

TEST(a_name_without_a_domain_is_that_of_any)
{
	assert_may_be("web1", "web1.shop.example", true);
	assert_may_be("web1.shop.example", "web1.shop.example", true);
	assert_may_be("web1.shop.example", "web1.lab.example", false);
	assert_may_be("web1.shop", "web1.shop.example", false);
}

TEST(windows_own_name_is_the_beginning)
{
	assert_may_be("PAYMENT-GATEWAY", "payment-gateway-07.shop.example", true);
	assert_may_be("PAYMENT-GATEWA", "payment-gateway-07.shop.example", false);
}

TEST(a_name_that_is_not_told_may_be_any)
{
	assert_may_be(NULL, "web1", true);
	assert_may_be(NULL, NULL, true);
	assert_may_be("", "web1", false);
}

SUITE(host_name, cmocka_unit_test(the_same_name_is_the_same_machine),
      cmocka_unit_test(a_name_without_a_domain_is_that_of_any),
      cmocka_unit_test(windows_own_name_is_the_beginning),
      cmocka_unit_test(a_name_that_is_not_told_may_be_any));
