#include "source/artefact/linux/kernel.h"
#include "source/linux/bpf/run.h"
#include "source/linux/sockets/seen.h"
#include "source/linux/sockets/sock_diag.h"

#include "suite.h"

/* TIME_WAIT lasts 60,000 ms; the timer is right to 8 ms. */

static enum time_wait_age age_at(int delay_ms, uint32_t expires_ms)
{
	return time_wait_age(&(const struct time_wait_rule){ .delay_ms = delay_ms },
			     expires_ms);
}

TEST(an_entry_is_old_when_it_is_older_than_the_delay)
{
	assert_int_equal(age_at(1000, 0), AGE_OLD);
	assert_int_equal(age_at(1000, 30000), AGE_OLD);
	assert_int_equal(age_at(1000, 58991), AGE_OLD);
}

TEST(an_entry_about_as_old_as_the_delay_is_uncertain)
{
	assert_int_equal(age_at(1000, 58992), AGE_UNCERTAIN);
	assert_int_equal(age_at(1000, 59000), AGE_UNCERTAIN);
	assert_int_equal(age_at(1000, 59008), AGE_UNCERTAIN);
}

TEST(an_entry_is_young_when_it_is_younger_than_the_delay)
{
	assert_int_equal(age_at(1000, 59009), AGE_YOUNG);
	assert_int_equal(age_at(1000, 60000), AGE_YOUNG);
	assert_int_equal(age_at(1000, 61000), AGE_YOUNG); /* a timer that was started again */
}

TEST(the_delay_can_be_set)
{
	assert_int_equal(age_at(3000, 56991), AGE_OLD);
	assert_int_equal(age_at(3000, 57009), AGE_YOUNG);
	assert_int_equal(age_at(60000, 1), AGE_UNCERTAIN);
	assert_int_equal(age_at(60000, 9), AGE_YOUNG);
	assert_int_equal(age_at(1, 60000), AGE_UNCERTAIN);
	assert_int_equal(age_at(1, 59990), AGE_OLD);
}

/* Before tcp_tw_reuse_delay the kernel compared whole seconds of its clock. */
TEST(without_the_setting_an_entry_younger_than_a_second_is_uncertain)
{
	assert_int_equal(age_at(-1, 58991), AGE_OLD);
	assert_int_equal(age_at(-1, 58992), AGE_UNCERTAIN);
	assert_int_equal(age_at(-1, 60000), AGE_UNCERTAIN);
}

static enum time_wait_age age_seen(int delay_ms, int age_ms)
{
	const struct seen_socket seen = {
		.kind = SEEN_SOCKET,
		.state = 6, /* TCP_TIME_WAIT, include/net/tcp_states.h */
		.flags = SEEN_TIME_WAIT | SEEN_AGE_MS,
		.protocol = 6,
		.age_ms = (u32)age_ms,
	};
	struct socket_record record;

	seen_fill(&record, &seen, delay_ms);
	return record.age;
}

TEST(an_entry_that_bpf_saw_is_old_by_the_millisecond)
{
	assert_int_equal(age_seen(1000, 1001), AGE_OLD);
	assert_int_equal(age_seen(1000, 1000), AGE_YOUNG);
	assert_int_equal(age_seen(1000, 0), AGE_YOUNG);
}

/* The clock is looked at when a call begins, and the call takes milliseconds. */
TEST(an_entry_that_began_after_the_clock_was_looked_at_is_young)
{
	assert_int_equal(age_seen(1000, -1), AGE_YOUNG);
	assert_int_equal(age_seen(1, -300), AGE_YOUNG);
}

SUITE(time_wait_age, cmocka_unit_test(an_entry_is_old_when_it_is_older_than_the_delay),
      cmocka_unit_test(an_entry_about_as_old_as_the_delay_is_uncertain),
      cmocka_unit_test(an_entry_is_young_when_it_is_younger_than_the_delay),
      cmocka_unit_test(the_delay_can_be_set),
      cmocka_unit_test(without_the_setting_an_entry_younger_than_a_second_is_uncertain),
      cmocka_unit_test(an_entry_that_bpf_saw_is_old_by_the_millisecond),
      cmocka_unit_test(an_entry_that_began_after_the_clock_was_looked_at_is_young), );
