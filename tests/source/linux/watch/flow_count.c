#include "source/linux/watch/flow_count.h"

#include "suite.h"

/* Of a process that connects to some destination; `kind` makes it another. */
static struct ledger_entry entry_of(u32 process, u16 port, u16 flags)
{
	return (struct ledger_entry){
		.process = process,
		.began = 1000,
		.netns = 4026531840,
		.remote_port = port,
		.flags = flags,
		.local = { 10, 0, 0, 1 },
		.remote = { 10, 0, 9, 1 },
	};
}

static struct flow_count count_of(const struct flow_counts *counts, u32 process, u16 port)
{
	for (size_t i = 0; i < counts->size; i++)
		if (counts->places[i].like.process == process &&
		    counts->places[i].like.remote_port == port)
			return counts->places[i];
	return (struct flow_count){ 0 };
}

static void add(struct flow_counts *counts, u32 process, u16 port, u16 flags, bool turned)
{
	struct ledger_entry entry = entry_of(process, port, flags);

	flow_counts_add(counts, &entry, turned);
}

TEST(entries_alike_in_all_but_their_cookie_are_counted_together)
{
	struct flow_counts counts = { 0 };

	for (u64 cookie = 1; cookie <= 100; cookie++) {
		struct ledger_entry entry = entry_of(812, 5432, 0);

		entry.cookie = cookie;
		entry.opened = (u32)cookie;
		entry.turn = 1;
		flow_counts_add(&counts, &entry, false);
	}
	assert_int_equal(counts.count, 1);
	assert_int_equal(count_of(&counts, 812, 5432).opens, 100);
	flow_counts_free(&counts);
}

TEST(however_many_flows_there_are_each_is_counted_for_itself)
{
	struct flow_counts counts = { 0 };

	for (unsigned round = 0; round < 3; round++)
		for (u32 process = 1; process <= 50; process++)
			for (u16 port = 1; port <= 50; port++)
				add(&counts, process, port, 0, false);
	assert_int_equal(counts.count, 2500);
	for (u32 process = 1; process <= 50; process++)
		for (u16 port = 1; port <= 50; port++)
			assert_int_equal(count_of(&counts, process, port).opens, 3);
	flow_counts_free(&counts);
}

TEST(a_process_that_began_later_or_an_address_of_another_family_is_another_flow)
{
	struct flow_counts counts = { 0 };
	struct ledger_entry entries[] = {
		entry_of(812, 5432, 0),		  entry_of(812, 5432, 0),
		entry_of(812, 5432, LEDGER_IPV6), entry_of(812, 5432, 0),
		entry_of(812, 5432, 0),		  entry_of(812, 5432, 0)
	};

	entries[1].began++;
	entries[3].netns++;
	entries[4].local[3]++;
	entries[5].remote[3]++;
	for (size_t i = 0; i < 6; i++)
		flow_counts_add(&counts, &entries[i], false);
	assert_int_equal(counts.count, 6);
	flow_counts_free(&counts);
}

TEST(what_found_no_port_is_no_open)
{
	struct flow_counts counts = { 0 };

	add(&counts, 812, 5432, 0, false);
	add(&counts, 812, 5432, LEDGER_NO_PORT, false);
	add(&counts, 812, 5432, LEDGER_NO_PORT, false);
	assert_int_equal(count_of(&counts, 812, 5432).opens, 1);
	assert_int_equal(count_of(&counts, 812, 5432).failed, 2);
	flow_counts_free(&counts);
}

/* A call was under way when it was counted, then failed; the same socket tries again and succeeds. */
TEST(what_turns_out_otherwise_is_counted_once)
{
	struct flow_counts counts = { 0 };

	add(&counts, 812, 5432, 0, false);
	add(&counts, 812, 5432, LEDGER_NO_PORT, true);
	assert_int_equal(count_of(&counts, 812, 5432).opens, 0);
	assert_int_equal(count_of(&counts, 812, 5432).failed, 1);
	add(&counts, 812, 5432, 0, true);
	assert_int_equal(count_of(&counts, 812, 5432).opens, 1);
	assert_int_equal(count_of(&counts, 812, 5432).failed, 0);
	assert_int_equal(counts.count, 1);
	flow_counts_free(&counts);
}

TEST(a_ledger_has_twice_the_entries_that_rest_within_its_limits)
{
	assert_int_equal(ledger_entries_for(-1), LEDGER_ENTRIES_LEAST);
	assert_int_equal(ledger_entries_for(0), LEDGER_ENTRIES_LEAST);
	assert_int_equal(ledger_entries_for(LEDGER_ENTRIES_LEAST / 2), LEDGER_ENTRIES_LEAST);
	assert_int_equal(ledger_entries_for(LEDGER_ENTRIES_LEAST / 2 + 1),
			 2 * LEDGER_ENTRIES_LEAST);
	assert_int_equal(ledger_entries_for(LEDGER_ENTRIES_MOST / 2), LEDGER_ENTRIES_MOST);
	assert_int_equal(ledger_entries_for(INT32_MAX), LEDGER_ENTRIES_MOST);
}

SUITE(flow_count, cmocka_unit_test(entries_alike_in_all_but_their_cookie_are_counted_together),
      cmocka_unit_test(however_many_flows_there_are_each_is_counted_for_itself),
      cmocka_unit_test(
	      a_process_that_began_later_or_an_address_of_another_family_is_another_flow),
      cmocka_unit_test(what_found_no_port_is_no_open),
      cmocka_unit_test(what_turns_out_otherwise_is_counted_once),
      cmocka_unit_test(a_ledger_has_twice_the_entries_that_rest_within_its_limits));
