#include "diagnosis/machine.h"

#include <string.h>

enum { NOW_S = 1800000000 };

/* The share of the resting ports that is known in that way; NULL: none is. */
static const struct share *resting(const struct finding *finding, enum owner_kind kind)
{
	for (size_t i = 0; i < finding->share_count; i++)
		if (finding->shares[i].state == SOCKET_TIME_WAIT &&
		    finding->shares[i].owner_kind == kind)
			return &finding->shares[i];
	return NULL;
}

static void begin_process(struct snapshot *machine, int32_t pid, int64_t age_s)
{
	machine_process(machine, pid)->start_time = NOW_S - age_s;
}

/* 90 in TIME_WAIT, the oldest for 40 s, and ten connections of a process that began so long ago. */
static struct snapshot after_churn(int64_t age_s)
{
	struct snapshot machine = machine_new();

	machine.time_ms = (int64_t)NOW_S * 1000;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 45, .expires_ms = 20000);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40045, .count = 45,
	     .expires_ms = 50000);
	hold(&machine, .first = 40090, .count = 10, .pid = 812);
	begin_process(&machine, 812, age_s);
	return machine;
}

static bool infers(struct snapshot machine)
{
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, "time_wait_pileup");
	const struct share *share = resting(finding, OWNER_INFERRED);
	bool inferred = share;

	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	assert_true(!share || machine.processes[share->process].pid == 812);
	assert_true(!share == !strstr(finding->reason, "likely"));
	machine_end(&machine, &diagnosis);
	return inferred;
}

TEST(the_only_process_connected_there_likely_made_it_and_is_not_blamed)
{
	struct snapshot machine = after_churn(3600);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, "time_wait_pileup");

	assert_int_equal(resting(finding, OWNER_INFERRED)->ports, 90);
	assert_null(resting(finding, OWNER_NOBODY));
	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	assert_non_null(strstr(finding->reason, "likely made by app, pid 812"));
	machine_end(&machine, &diagnosis);
}

TEST(a_process_younger_than_an_entry_did_not_make_it)
{
	assert_true(infers(after_churn(41)));
	assert_true(infers(after_churn(40)));
	assert_false(infers(after_churn(39)));
	assert_false(infers(after_churn(0)));
}

TEST(of_a_process_that_began_nobody_knows_when_nothing_is_inferred)
{
	struct snapshot machine = after_churn(3600);

	machine_process(&machine, 812)->start_time = -1;
	assert_false(infers(machine));
}

/* No listing has any: where ss was sent, nobody would be told of ever. */
TEST(of_what_was_sent_it_goes_by_the_connections_alone)
{
	struct snapshot machine = after_churn(3600);

	machine_process(&machine, 812)->start_time = -1;
	machine_artefact(&machine, "ss.txt", "ss");
	assert_true(infers(machine));
}

TEST(of_two_processes_connected_there_either_may_have_made_it)
{
	struct snapshot machine = after_churn(3600);
	struct diagnosis diagnosis;
	const struct finding *finding;

	hold(&machine, .first = 40090, .count = 1, .pid = 813, .state = SOCKET_SYN_SENT);
	begin_process(&machine, 813, 3600);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "time_wait_pileup");
	assert_null(resting(finding, OWNER_INFERRED));
	assert_int_equal(resting(finding, OWNER_NOBODY)->ports, 90);
	assert_non_null(strstr(finding->reason, "which of them"));
	machine_end(&machine, &diagnosis);
}

TEST(who_is_connected_elsewhere_is_no_candidate)
{
	struct snapshot machine = after_churn(3600);

	hold(&machine, .first = 40090, .count = 10, .pid = 813, .remote = "10.0.9.1:5433");
	hold(&machine, .first = 40090, .count = 10, .pid = 814, .local = "10.0.0.2");
	begin_process(&machine, 813, 3600);
	begin_process(&machine, 814, 3600);
	assert_true(infers(machine));
}

TEST(who_was_recorded_to_make_it_is_to_blame_and_cannot_be_ended_if_it_has)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	const struct finding *finding;

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 90, .pid = 812,
	     .owner = OWNER_RECORDED);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40090, .count = 10, .pid = 813,
	     .owner = OWNER_RECORDED);
	machine_process(&machine, 812)->ended = true;
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "time_wait_pileup");
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(resting(finding, OWNER_RECORDED)->ports, 90);
	assert_null(remedy_with(finding, "end or restart"));
	machine_end(&machine, &diagnosis);
}

/* Half of what is there, and the other half is of nobody: more than that one alone need not be. */
TEST(who_was_recorded_to_make_less_than_half_of_it_is_not_blamed)
{
	for (unsigned recorded = 49; recorded <= 50; recorded++) {
		struct snapshot machine = machine_new();
		struct diagnosis diagnosis;

		hold(&machine, .state = SOCKET_TIME_WAIT, .count = recorded, .pid = 812,
		     .owner = OWNER_RECORDED);
		hold(&machine, .state = SOCKET_TIME_WAIT,
		     .first = (uint16_t)(40000 + recorded), .count = 100 - recorded);
		diagnosis = judge(&machine);
		assert_int_equal(
			culprit_pid(&diagnosis, finding_of(&diagnosis, "time_wait_pileup")),
			recorded == 50 ? 812 : 0);
		machine_end(&machine, &diagnosis);
	}
}

/* Of 100 entries a minute, 5 s see eight. */
TEST(a_sample_explains_a_minute_if_it_went_on_like_that)
{
	for (unsigned recorded = 4; recorded <= 8; recorded += 4) {
		struct snapshot machine = machine_new();
		struct diagnosis diagnosis;
		const struct finding *finding;

		machine.time_ms = (int64_t)NOW_S * 1000;
		hold(&machine, .state = SOCKET_TIME_WAIT, .count = recorded, .pid = 812,
		     .owner = OWNER_RECORDED, .fresh = true, .expires_ms = 58000);
		hold(&machine, .state = SOCKET_TIME_WAIT,
		     .first = (uint16_t)(40000 + recorded), .count = 100 - recorded,
		     .expires_ms = 1000);
		begin_process(&machine, 812, 3600);
		machine_sample(&machine, machine_new(), 5);
		diagnosis = judge(&machine);
		finding = finding_of(&diagnosis, "time_wait_pileup");
		assert_int_equal(culprit_pid(&diagnosis, finding), recorded == 8 ? 812 : 0);
		assert_int_equal(resting(finding, OWNER_INFERRED)->ports, 100 - recorded);
		machine_end(&machine, &diagnosis);
	}
}

TEST(of_two_recorded_makers_either_may_have_made_what_was_there_before)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	const struct finding *finding;

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 10, .pid = 812,
	     .owner = OWNER_RECORDED);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40010, .count = 5, .pid = 813,
	     .owner = OWNER_RECORDED);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40015, .count = 85);
	begin_process(&machine, 812, 3600);
	begin_process(&machine, 813, 3600);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "time_wait_pileup");
	assert_null(resting(finding, OWNER_INFERRED));
	assert_int_equal(resting(finding, OWNER_NOBODY)->ports, 85);
	machine_end(&machine, &diagnosis);
}

/* What the ledger does not know was open before it began: then the first look has seen whose it was. */
static const struct share *seen_open(bool complete, struct diagnosis *diagnosis,
				     struct snapshot *machine)
{
	struct snapshot before = machine_new();

	*machine = machine_new();
	hold(&before, .count = 60, .pid = 812);
	hold(&before, .first = 40060, .count = 10, .pid = 813);
	hold(machine, .state = SOCKET_TIME_WAIT, .count = 95);
	machine_sample(machine, before, 5);
	machine->sample.complete = complete;
	*diagnosis = judge(machine);
	return resting(finding_of(diagnosis, "time_wait_pileup"),
		       complete ? OWNER_RECORDED : OWNER_INFERRED);
}

TEST(a_connection_that_the_first_look_saw_open_was_made_by_who_had_it)
{
	struct diagnosis diagnosis;
	struct snapshot machine;
	const struct share *share = seen_open(true, &diagnosis, &machine);
	const struct finding *finding = finding_of(&diagnosis, "time_wait_pileup");

	assert_int_equal(share->ports, 60);
	assert_int_equal(machine.processes[share->process].pid, 812);
	assert_int_equal(resting(finding, OWNER_NOBODY)->ports, 25);
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	machine_end(&machine, &diagnosis);
}

TEST(without_a_whole_ledger_that_is_only_likely)
{
	struct diagnosis diagnosis;
	struct snapshot machine;
	const struct share *share = seen_open(false, &diagnosis, &machine);

	assert_int_equal(share->ports, 60);
	assert_int_equal(culprit_pid(&diagnosis, finding_of(&diagnosis, "time_wait_pileup")),
			 0);
	machine_end(&machine, &diagnosis);
}

TEST(the_end_of_a_process_frees_nothing_of_what_it_left_in_time_wait)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 90, .pid = 812,
	     .owner = OWNER_RECORDED);
	hold(&machine, .first = 40090, .count = 4, .pid = 812, .kind = CONNECT_OWNED);
	assert_room(room(&machine, .change = { .without_process = true }), 10);
	snapshot_free(&machine);
}

TEST(the_suspect_is_who_is_named_else_who_likely_made_it)
{
	struct snapshot machine = after_churn(3600);
	struct diagnosis diagnosis = judge(&machine);
	bool likely;
	int64_t suspect = finding_suspect(finding_of(&diagnosis, "time_wait_pileup"), &likely);

	assert_true(likely && suspect >= 0 && machine.processes[suspect].pid == 812);
	machine_end(&machine, &diagnosis);
	machine = after_churn(0);
	diagnosis = judge(&machine);
	suspect = finding_suspect(finding_of(&diagnosis, "time_wait_pileup"), &likely);
	assert_true(suspect < 0 && !likely);
	machine_end(&machine, &diagnosis);
	machine = machine_new();
	hold(&machine, .count = 100, .pid = 812);
	diagnosis = judge(&machine);
	suspect = finding_suspect(finding_of(&diagnosis, "destination_full"), &likely);
	assert_true(suspect >= 0 && machine.processes[suspect].pid == 812 && !likely);
	machine_end(&machine, &diagnosis);
}

SUITE(makers,
      cmocka_unit_test(the_only_process_connected_there_likely_made_it_and_is_not_blamed),
      cmocka_unit_test(a_process_younger_than_an_entry_did_not_make_it),
      cmocka_unit_test(of_a_process_that_began_nobody_knows_when_nothing_is_inferred),
      cmocka_unit_test(of_what_was_sent_it_goes_by_the_connections_alone),
      cmocka_unit_test(of_two_processes_connected_there_either_may_have_made_it),
      cmocka_unit_test(who_is_connected_elsewhere_is_no_candidate),
      cmocka_unit_test(who_was_recorded_to_make_it_is_to_blame_and_cannot_be_ended_if_it_has),
      cmocka_unit_test(who_was_recorded_to_make_less_than_half_of_it_is_not_blamed),
      cmocka_unit_test(a_sample_explains_a_minute_if_it_went_on_like_that),
      cmocka_unit_test(of_two_recorded_makers_either_may_have_made_what_was_there_before),
      cmocka_unit_test(a_connection_that_the_first_look_saw_open_was_made_by_who_had_it),
      cmocka_unit_test(without_a_whole_ledger_that_is_only_likely),
      cmocka_unit_test(the_end_of_a_process_frees_nothing_of_what_it_left_in_time_wait),
      cmocka_unit_test(the_suspect_is_who_is_named_else_who_likely_made_it));
