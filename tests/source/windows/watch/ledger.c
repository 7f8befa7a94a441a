#include "source/windows/watch/ledger.h"

#include "base/arena.h"
#include "snapshot/snapshot.h"
#include "source/windows/process/process.h"
#include "suite.h"

#include <stdlib.h>

/* One connection as a look has it; its remote port names it. */
static struct dossier_socket seen(uint8_t state, uint16_t port, int32_t pid)
{
	return (struct dossier_socket){
		.local = { .family = FAMILY_IPV4, .bytes = { 10, 0, 0, 5 } },
		.remote = { .family = FAMILY_IPV4, .bytes = { 10, 0, 9, 1 } },
		.local_port = port,
		.remote_port = 443,
		.state = state,
		.pid = pid,
	};
}

static void look(struct ledger *ledger, const struct dossier_socket *items, size_t count)
{
	struct rows rows = { NULL };

	for (size_t i = 0; i < count; i++)
		rows_add(&rows, &items[i]);
	ledger_note(ledger, &rows, ledger->looks);
	rows_free(&rows);
}

TEST(what_rests_has_the_process_that_was_seen_with_it)
{
	const struct dossier_socket open[] = { seen(SOCKET_ESTABLISHED, 50000, 8) };
	const struct dossier_socket rests[] = { seen(SOCKET_TIME_WAIT, 50000, 0),
						seen(SOCKET_TIME_WAIT, 50001, 0) };
	struct ledger ledger = { 0 };

	look(&ledger, open, 1);
	look(&ledger, rests, 2);
	assert_int_equal(ledger_maker(&ledger, &rests[0]), 8);
	assert_true(ledger_is_fresh(&ledger, &rests[0]));
	/* Opened and closed between two looks: nobody was seen with it. */
	assert_int_equal(ledger_maker(&ledger, &rests[1]), 0);
	assert_true(ledger_is_fresh(&ledger, &rests[1]));
	ledger_free(&ledger);
}

TEST(what_rested_at_the_first_look_is_not_fresh)
{
	const struct dossier_socket rests[] = { seen(SOCKET_TIME_WAIT, 50000, 0) };
	struct ledger ledger = { 0 };

	look(&ledger, rests, 1);
	look(&ledger, rests, 1);
	assert_false(ledger_is_fresh(&ledger, &rests[0]));
	ledger_free(&ledger);
}

TEST(the_same_ends_again_are_another_connection)
{
	const struct dossier_socket rests[] = { seen(SOCKET_TIME_WAIT, 50000, 0) };
	const struct dossier_socket open[] = { seen(SOCKET_ESTABLISHED, 50000, 9) };
	struct ledger ledger = { 0 };

	look(&ledger, rests, 1);
	look(&ledger, open, 1);
	look(&ledger, rests, 1);
	assert_int_equal(ledger_maker(&ledger, &rests[0]), 9);
	assert_true(ledger_is_fresh(&ledger, &rests[0]));
	assert_true(ledger.entries[0].opened);
	ledger_free(&ledger);
}

TEST(a_time_tells_another_connection_of_the_same_ends)
{
	struct dossier_socket first = seen(SOCKET_ESTABLISHED, 50000, 8), second = first;
	struct ledger ledger = { 0 };

	first.created_ms = 1000;
	second.created_ms = 2000;
	second.pid = -1;
	look(&ledger, &first, 1);
	look(&ledger, &first, 1);
	assert_false(ledger.entries[0].opened);
	look(&ledger, &second, 1);
	assert_true(ledger.entries[0].opened);
	assert_int_equal(ledger_maker(&ledger, &second), 0);
	ledger_free(&ledger);
}

TEST(what_was_opened_is_told_by_whom_and_whereto)
{
	const struct dossier_socket before[] = { seen(SOCKET_ESTABLISHED, 50000, 8) };
	const struct dossier_socket after[] = { seen(SOCKET_ESTABLISHED, 50000, 8),
						seen(SOCKET_ESTABLISHED, 50001, 8),
						seen(SOCKET_ESTABLISHED, 50002, 8),
						seen(SOCKET_ESTABLISHED, 80, 9) };
	struct snapshot earlier = { 0 }, snapshot = { 0 };
	struct ledger ledger = { 0 };
	struct processes *processes;

	snapshot_add_netns(&snapshot, &(struct netns){ .kind = NETNS_HOST });
	port_set_add(&snapshot.namespaces[0].listening[PROTOCOL_TCP], 80);
	look(&ledger, before, 1);
	look(&ledger, after, 4);
	formers_begin(&ledger.formers, &earlier);
	assert_true(ledger_is_ending(&ledger));
	processes = processes_open(&snapshot);
	ledger_tell(&ledger, processes, &snapshot);
	processes_close(processes);
	assert_int_equal(snapshot.sample.flow_count, 1);
	assert_int_equal(snapshot.sample.flows[0].opens, 2);
	assert_int_equal(snapshot.sample.flows[0].remote_port, 443);
	assert_int_equal(snapshot.processes[snapshot.sample.flows[0].process].pid, 8);
	free(ledger.formers.now);
	ledger_free(&ledger);
	snapshot_free(&snapshot);
}

TEST(who_has_ended_keeps_its_name)
{
	/* No process of Windows has an odd number. */
	const int32_t gone = 999999;
	struct snapshot before = { 0 }, snapshot = { 0 };
	struct processes *processes;
	struct formers formers;
	uint32_t index;

	snapshot_add_process(&before, &(struct process){ .pid = gone, .name = "leaky.exe" });
	snapshot_add_netns(&snapshot, &(struct netns){ .kind = NETNS_HOST });
	formers_begin(&formers, &before);
	processes = processes_open(&snapshot);
	index = formers_index(&formers, &snapshot, processes, gone);
	assert_string_equal(snapshot.processes[index].name, "leaky.exe");
	assert_true(snapshot.processes[index].ended);
	assert_int_equal(formers_index(&formers, &snapshot, processes, gone), index);
	processes_close(processes);
	free(formers.now);
	snapshot_free(&snapshot);
	snapshot_free(&before);
}

SUITE(ledger, cmocka_unit_test(what_rests_has_the_process_that_was_seen_with_it),
      cmocka_unit_test(what_rested_at_the_first_look_is_not_fresh),
      cmocka_unit_test(the_same_ends_again_are_another_connection),
      cmocka_unit_test(a_time_tells_another_connection_of_the_same_ends),
      cmocka_unit_test(what_was_opened_is_told_by_whom_and_whereto),
      cmocka_unit_test(who_has_ended_keeps_its_name));
