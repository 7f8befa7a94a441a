#include "diagnosis/logged.h"

#include "base/arena.h"

#include "suite.h"

#include <string.h>

TEST(events_are_known_by_provider_and_number)
{
	static const struct {
		const char *provider;
		uint32_t id;
		const char *name; /* NULL: nothing is known of it */
	} table[] = {
		{ "Tcpip", 4231, "Tcpip 4231" },
		{ "Microsoft-Windows-GroupPolicy", 1129, "GroupPolicy 1129" },
		{ "Microsoft-Windows-DNS-Client", 1014, "DNS Client 1014" },
		{ "Microsoft-Windows-Eventlog", 104, "Eventlog 104" },
		{ "EventLog", 6008, "EventLog 6008" },
		{ "Another", 4231, NULL },
		{ "Tcpip", 4232, NULL },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct logged_event event = { .id = table[i].id,
					      .provider = table[i].provider };
		const struct topic *topic = logged_topic(&event);

		assert_that((topic != NULL) == (table[i].name != NULL) &&
				    (!topic || !strcmp(topic->name, table[i].name)),
			    "%s %u", table[i].provider, (unsigned)table[i].id);
	}
}

TEST(the_limit_of_half_open_connects_is_no_exhaustion)
{
	struct logged_event event = { .id = 4226, .provider = "Tcpip" };

	assert_int_equal(logged_exhaustion(&event), EXHAUSTION_NO);
	event.id = 4227;
	assert_int_equal(logged_exhaustion(&event), EXHAUSTION_MAYBE);
	event.id = 4266;
	assert_int_equal(logged_exhaustion(&event), EXHAUSTION_LIKELY);
}

TEST(absence_says_little_and_often_nothing)
{
	struct logged_log log = { .channel = "System", .records = 100 };

	assert_int_equal(logged_absence_in(&log), ABSENCE_WEAK);
	log.missing = 1;
	assert_int_equal(logged_absence_in(&log), ABSENCE_HOLES);
	log.excerpt = true;
	assert_int_equal(logged_absence_in(&log), ABSENCE_EXCERPT);
	log.cleared = true;
	assert_int_equal(logged_absence_in(&log), ABSENCE_CLEARED);
	log.channel = "Application";
	assert_int_equal(logged_absence_in(&log), ABSENCE_ELSEWHERE);
}

TEST(proof_is_of_the_same_file)
{
	struct logged_event events[] = { { .artefact = 1, .id = 4231, .provider = "Tcpip" },
					 { .artefact = 2, .id = 4227, .provider = "Tcpip" } };
	struct evidence_facts facts = { .events = events, .event_count = 2 };
	struct logged_log log = { .artefact = 1 };

	assert_true(logged_has_proof(&facts, &log));
	log.artefact = 2;
	assert_false(logged_has_proof(&facts, &log));
}

SUITE(logged, cmocka_unit_test(events_are_known_by_provider_and_number),
      cmocka_unit_test(the_limit_of_half_open_connects_is_no_exhaustion),
      cmocka_unit_test(absence_says_little_and_often_nothing),
      cmocka_unit_test(proof_is_of_the_same_file));
