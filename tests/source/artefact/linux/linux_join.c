#include "listed.h"

#include <stdio.h>

#define HEADING "State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
#define LISTENER "LISTEN 0 5 0.0.0.0:22 0.0.0.0:*\n"
#define SETTINGS                                                                              \
	"net.ipv4.ip_local_port_range = 40000\t40999\n"                                       \
	"net.ipv4.ip_local_reserved_ports = \n"                                               \
	"net.ipv4.tcp_tw_reuse = 1\n"
#define ROW(port) "ESTAB 0 0 10.0.0.5:" #port " 10.0.9.1:443\n"

TEST(without_settings_the_default_is_assumed_and_labelled)
{
	struct listed listed;

	listed_of(&listed, HEADING LISTENER ROW(40000));
	assert_int_equal(listed.netns->settings.range.first, 32768);
	assert_int_equal(listed.netns->settings.range.last, 60999);
	assert_int_equal(listed.netns->settings.assumed, ASSUMED_RANGE);
	assert_true(listed_has_gap(&listed, "the ephemeral port range"));
	listed_end(&listed);
}

TEST(connections_from_elsewhere_contradict_the_default)
{
	struct listed listed;

	listed_of(&listed, HEADING LISTENER ROW(20000) ROW(20001) ROW(20002));
	assert_int_equal(listed.netns->settings.range.first, 0);
	assert_true(listed_has_gap(&listed, "outside the kernel's default"));
	listed_end(&listed);
	listed_of(&listed, HEADING LISTENER ROW(20000) ROW(40001) ROW(40002) ROW(40003));
	assert_int_equal(listed.netns->settings.range.first, 32768);
	listed_end(&listed);
}

TEST(a_range_that_was_told_is_not_assumed)
{
	struct listed listed;

	listed_of(&listed, SETTINGS HEADING LISTENER ROW(40000));
	assert_int_equal(listed.netns->settings.range.first, 40000);
	assert_int_equal(listed.netns->settings.assumed, ASSUMED_NOTHING);
	listed_end(&listed);
	listed_of(&listed,
		  "net.ipv4.ip_local_port_range = 40000\t40999\n" HEADING LISTENER ROW(40000));
	assert_int_equal(listed.netns->settings.assumed, ASSUMED_RESERVED);
	assert_true(listed_has_gap(&listed, "reserved ports"));
	listed_end(&listed);
}

static void assert_age(const char *settings, const char *timer, int age)
{
	char text[1024];
	struct listed listed;

	snprintf(text, sizeof text,
		 "%s" HEADING LISTENER
		 "TIME-WAIT 0 0 10.0.0.5:40000 10.0.9.1:443 timer:(timewait,%s,0)\n",
		 settings, timer);
	listed_of(&listed, text);
	assert_that(listed_port(&listed, PROTOCOL_TCP, 40000)->key.age == age, "%s: %d", timer,
		    listed_port(&listed, PROTOCOL_TCP, 40000)->key.age);
	listed_end(&listed);
}

TEST(the_age_in_time_wait_comes_from_the_timer_and_the_settings)
{
	static const char delay[] = SETTINGS "net.ipv4.tcp_tw_reuse_delay = 1000\n";

	assert_age(delay, "57sec", AGE_OLD);
	assert_age(delay, "9.123ms", AGE_OLD);
	assert_age(delay, "980ms", AGE_OLD);
	assert_age(delay, "59sec", AGE_UNCERTAIN);
	assert_age(SETTINGS, "57sec", AGE_OLD);
	assert_age(SETTINGS "net.ipv4.tcp_tw_reuse_delay = 30000\n", "50sec", AGE_YOUNG);
	assert_age("", "3.000ms", AGE_UNCERTAIN);
}

TEST(the_kernels_count_bounds_what_no_listing_shows)
{
	struct listed listed;

	listed_of(&listed,
		  HEADING LISTENER ROW(
			  40000) "$ ss -s\n"
				 "TCP:   7 (estab 1, closed 5, orphaned 0, timewait 0)\n");
	assert_int_equal(listed.netns->unseen_most, 5);
	assert_false(listed.netns->bound_seen);
	listed_end(&listed);
	/* A count below the listing was not taken with it. */
	listed_of(&listed,
		  HEADING LISTENER ROW(
			  40000) "$ ss -s\n"
				 "TCP:   1 (estab 1, closed 0, orphaned 0, timewait 0)\n");
	assert_int_equal(listed.netns->unseen_most, -1);
	listed_end(&listed);
	listed_of(&listed, HEADING LISTENER ROW(40000));
	assert_int_equal(listed.netns->unseen_most, -1);
	assert_true(listed_has_gap(&listed, "bound-only sockets"));
	listed_end(&listed);
}

TEST(a_listing_with_bound_sockets_shows_all_of_them)
{
	struct listed listed;

	listed_of(&listed,
		  HEADING LISTENER ROW(40000) "UNCONN 0 0 10.0.0.5:40001 0.0.0.0:*\n");
	assert_true(listed.netns->bound_seen);
	assert_false(listed_has_gap(&listed, "bound-only sockets"));
	listed_end(&listed);
}

TEST(of_two_listings_sockets_are_counted_once)
{
	struct listed listed;

	listed_of_two(&listed, HEADING LISTENER ROW(40000) ROW(40001),
		      "tcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN 1/x\n"
		      "tcp 0 0 10.0.0.5:40000 10.0.9.1:443 ESTABLISHED 812/shop\n");
	/* That with the owners tells more. */
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 2);
	assert_string_equal(listed_owner(&listed, listed_port(&listed, PROTOCOL_TCP, 40000)),
			    "shop");
	listed_end(&listed);
}

SUITE(linux_join, cmocka_unit_test(without_settings_the_default_is_assumed_and_labelled),
      cmocka_unit_test(connections_from_elsewhere_contradict_the_default),
      cmocka_unit_test(a_range_that_was_told_is_not_assumed),
      cmocka_unit_test(the_age_in_time_wait_comes_from_the_timer_and_the_settings),
      cmocka_unit_test(the_kernels_count_bounds_what_no_listing_shows),
      cmocka_unit_test(a_listing_with_bound_sockets_shows_all_of_them),
      cmocka_unit_test(of_two_listings_sockets_are_counted_once));
