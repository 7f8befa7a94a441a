#include "diagnosis/machine.h"

#include <string.h>

/* A machine of which there are lines of portroom watch and nothing else. */
static struct snapshot watched(const char *verdict)
{
	struct snapshot machine = machine_windows();
	struct evidence_facts *facts = &machine.evidence;

	machine.namespaces[0].tcp_read = machine.namespaces[0].udp_read = false;
	facts->listing[PROTOCOL_TCP] = facts->listing[PROTOCOL_UDP] = 0;
	facts->look = (struct watched_look){
		.verdict = verdict,
		.artefact = machine_artefact(&machine, "watch.jsonl", "portroom watch"),
		.time_ms = INT64_C(1800000000000),
		.room = 12,
		.capacity = 16384,
		.fullest = "tcp 10.0.0.5 -> 10.0.9.1:443",
		.process = -1,
	};
	return machine;
}

static void assert_told(const char *verdict, enum severity severity)
{
	struct snapshot machine = watched(verdict);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, "watched_look");

	assert_int_equal(diagnosis.verdict, severity);
	assert_non_null(finding);
	assert_null(finding_of(&diagnosis, "windows_cannot_tell"));
	assert_non_null(strstr(finding->title, "10.0.9.1:443: 12 of 16,384 ports left"));
	assert_non_null(strstr(finding->title, "2027-01-15"));
	machine_end(&machine, &diagnosis);
}

TEST(what_the_last_look_found_is_the_verdict)
{
	assert_told("critical", SEVERITY_CRITICAL);
	assert_told("warning", SEVERITY_WARNING);
	assert_told("unknown", SEVERITY_UNKNOWN);
}

TEST(a_last_look_with_room_is_ok_and_says_of_when)
{
	struct snapshot machine = watched("ok");
	struct diagnosis diagnosis = judge(&machine);

	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	assert_null(finding_of(&diagnosis, "watched_look"));
	assert_null(finding_of(&diagnosis, "windows_cannot_tell"));
	assert_non_null(strstr(diagnosis.headline, "2027-01-15"));
	assert_non_null(strstr(diagnosis.headline, "at least 12 of 16,384"));
	machine_end(&machine, &diagnosis);
}

TEST(with_a_listing_the_look_is_not_asked)
{
	struct snapshot machine = watched("critical");
	struct diagnosis diagnosis;

	machine.namespaces[0].tcp_read = machine.namespaces[0].udp_read = true;
	machine.evidence.listing[PROTOCOL_TCP] = machine.evidence.listing[PROTOCOL_UDP] = 1;
	diagnosis = judge(&machine);
	assert_null(finding_of(&diagnosis, "watched_look"));
	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	machine_end(&machine, &diagnosis);
}

SUITE(watched_look, cmocka_unit_test(what_the_last_look_found_is_the_verdict),
      cmocka_unit_test(a_last_look_with_room_is_ok_and_says_of_when),
      cmocka_unit_test(with_a_listing_the_look_is_not_asked));
