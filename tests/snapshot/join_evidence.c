#include "snapshot/snapshot.h"

#include "suite.h"

#include <string.h>

/* A machine with a file of its own logs, and one process. */
static struct snapshot machine_with(int32_t pid, const char *name)
{
	struct snapshot snapshot = { 0 };
	struct evidence_facts *facts = &snapshot.evidence;

	snapshot_add_process(&snapshot, &(struct process){ .pid = pid, .name = name });
	array_reserve(facts->artefacts, facts->artefact_count, facts->artefact_capacity);
	facts->artefacts[facts->artefact_count++] = (struct artefact){ .file = "System" };
	facts->own = true;
	return snapshot;
}

/* What a trace told: a call of that process, in its second file. */
static struct snapshot trace_of(int32_t pid, const char *name)
{
	struct snapshot snapshot = { 0 };
	struct evidence_facts *facts = &snapshot.evidence;

	snapshot_add_process(&snapshot, &(struct process){ .pid = 1, .name = "init" });
	snapshot_add_process(&snapshot, &(struct process){ .pid = pid, .name = name });
	for (int i = 0; i < 2; i++) {
		array_reserve(facts->artefacts, facts->artefact_count,
			      facts->artefact_capacity);
		facts->artefacts[facts->artefact_count++] = (struct artefact){
			.file = i ? "failures.jsonl" : "other.jsonl",
		};
	}
	array_reserve(facts->failures, facts->failure_count, facts->failure_capacity);
	facts->failures[facts->failure_count++] =
		(struct traced_failure){ .artefact = 1, .process = 1, .count = 7 };
	array_reserve(facts->traces, facts->trace_count, facts->trace_capacity);
	facts->traces[facts->trace_count++] = (struct traced_trace){ .artefact = 1 };
	array_reserve(facts->logs, facts->log_count, facts->log_capacity);
	facts->logs[facts->log_count++] = (struct logged_log){ .artefact = 0 };
	array_reserve(facts->events, facts->event_count, facts->event_capacity);
	facts->events[facts->event_count++] =
		(struct logged_event){ .artefact = 0, .id = 4231 };
	return snapshot;
}

TEST(facts_keep_their_files)
{
	struct snapshot snapshot = machine_with(812, "billing"),
			told = trace_of(812, "billing");
	const struct evidence_facts *facts = &snapshot.evidence;

	snapshot_join_evidence(&snapshot, &told);
	assert_int_equal(facts->artefact_count, 3);
	assert_string_equal(facts->artefacts[facts->failures[0].artefact].file,
			    "failures.jsonl");
	assert_string_equal(facts->artefacts[facts->traces[0].artefact].file,
			    "failures.jsonl");
	assert_string_equal(facts->artefacts[facts->logs[0].artefact].file, "other.jsonl");
	assert_string_equal(facts->artefacts[facts->events[0].artefact].file, "other.jsonl");
	assert_false(facts->own);
	assert_int_equal(told.process_count, 0);
	snapshot_free(&snapshot);
}

TEST(a_process_of_that_pid_and_name_is_the_same)
{
	struct snapshot snapshot = machine_with(812, "billing"),
			told = trace_of(812, "billing");

	snapshot_join_evidence(&snapshot, &told);
	assert_int_equal(snapshot.evidence.failures[0].process, 0);
	assert_int_equal(snapshot.process_count, 2);
	snapshot_free(&snapshot);
}

TEST(a_pid_that_was_another_s_is_another_process)
{
	struct snapshot snapshot = machine_with(812, "billing"), told = trace_of(812, "curl");
	const struct process *process;

	snapshot_join_evidence(&snapshot, &told);
	process = &snapshot.processes[snapshot.evidence.failures[0].process];
	assert_int_equal(process->pid, 812);
	assert_string_equal(process->name, "curl");
	snapshot_free(&snapshot);
}

TEST(without_a_name_the_pid_decides)
{
	struct snapshot snapshot = machine_with(812, "billing"), told = trace_of(812, NULL);

	snapshot_join_evidence(&snapshot, &told);
	assert_int_equal(snapshot.evidence.failures[0].process, 0);
	snapshot_free(&snapshot);
}

TEST(nobody_is_taken_for_another_without_a_pid)
{
	struct snapshot snapshot = machine_with(0, "billing"), told = trace_of(0, NULL);

	snapshot_join_evidence(&snapshot, &told);
	assert_int_equal(snapshot.evidence.failures[0].process, 2);
	snapshot_free(&snapshot);
}

SUITE(join_evidence, cmocka_unit_test(facts_keep_their_files),
      cmocka_unit_test(a_process_of_that_pid_and_name_is_the_same),
      cmocka_unit_test(a_pid_that_was_another_s_is_another_process),
      cmocka_unit_test(without_a_name_the_pid_decides),
      cmocka_unit_test(nobody_is_taken_for_another_without_a_pid));
