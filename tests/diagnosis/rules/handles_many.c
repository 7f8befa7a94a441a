#include "diagnosis/machine.h"
#include "diagnosis/rule.h"

#include <string.h>

static const char rule[] = "handles_many";

/* A process of Windows; each dynamic range has 100 ports. */
static struct snapshot with_handles(const char *name, int64_t handles, int64_t sockets)
{
	struct snapshot machine = machine_windows();
	struct process *process = machine_process(&machine, 4321);

	process->name = name;
	process->descriptors = handles;
	process->descriptor_limit = process->descriptor_hard_limit = -1;
	process->socket_descriptors = sockets;
	return machine;
}

static bool is_remarked(const struct snapshot *machine)
{
	struct diagnosis diagnosis;
	bool remarked;

	diagnosis_make(&diagnosis, machine, &default_policy);
	remarked = rule_remarked(&diagnosis, rule, 0);
	diagnosis_free(&diagnosis);
	return remarked;
}

/* Neither is both. */
static enum severity severity_with(const char *name, int64_t handles, int64_t sockets,
				   bool remarked)
{
	struct snapshot machine = with_handles(name, handles, sockets);
	enum severity severity = severity_by(&machine, rule);

	assert_int_equal(is_remarked(&machine), remarked);
	snapshot_free(&machine);
	return severity;
}

TEST(a_mark_alone_is_a_remark)
{
	assert_int_equal(severity_with("app.exe", 3000, -1, false), SEVERITY_OK);
	assert_int_equal(severity_with("app.exe", 3001, -1, true), SEVERITY_OK);
	assert_int_equal(severity_with("app.exe", 50000, 5, true), SEVERITY_OK);
	assert_int_equal(severity_with("app.exe", -1, -1, false), SEVERITY_OK);
}

TEST(many_sockets_among_them_are_a_warning)
{
	assert_int_equal(severity_with("app.exe", 4000, 19, true), SEVERITY_OK);
	assert_int_equal(severity_with("app.exe", 4000, 20, false), SEVERITY_WARNING);
	assert_int_equal(severity_with(NULL, 4000, 20, false), SEVERITY_WARNING);
}

TEST(the_article_excepts_four_programs_however_they_are_spelt)
{
	assert_int_equal(severity_with("System", 20000, 16000, false), SEVERITY_OK);
	assert_int_equal(severity_with("lsass.exe", 20000, 16000, false), SEVERITY_OK);
	assert_int_equal(severity_with("LSASS", 20000, 16000, false), SEVERITY_OK);
	assert_int_equal(severity_with("Store.exe", 20000, 16000, false), SEVERITY_OK);
	assert_int_equal(severity_with("sqlservr.EXE", 20000, 16000, false), SEVERITY_OK);
	assert_int_equal(severity_with("store", 20000, 16000, false), SEVERITY_OK);
	assert_int_equal(severity_with("storefront.exe", 20000, 16000, false),
			 SEVERITY_WARNING);
	assert_int_equal(severity_with("stor", 20000, 16000, false), SEVERITY_WARNING);
	assert_int_equal(severity_with("lsass.exe.exe", 20000, 16000, false),
			 SEVERITY_WARNING);
}

/* A server has a socket for each client, and no port of the range. */
TEST(sockets_that_serve_clients_do_not_count)
{
	struct snapshot machine = with_handles("server.exe", 5000, 3010);

	hold(&machine, .first = 443, .state = SOCKET_LISTEN, .local = "0.0.0.0", .pid = 4321);
	hold(&machine, .first = 443, .each = 3000, .pid = 4321);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	assert_true(is_remarked(&machine));
	snapshot_free(&machine);
}

TEST(where_types_are_not_told_the_listing_counts)
{
	struct snapshot machine = with_handles("app.exe", 5000, -1);

	hold(&machine, .count = 20, .pid = 4321);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_WARNING);
	snapshot_free(&machine);
	machine = with_handles("app.exe", 5000, -1);
	hold(&machine, .count = 19, .pid = 4321);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	snapshot_free(&machine);
}

static enum severity severity_when_grown(uint32_t from, uint32_t to, const char *before)
{
	struct snapshot machine = with_handles("app.exe", 5000, 10);
	struct series_share shares[2] = { { .pid = 4321, .ports = from },
					  { .pid = 4321, .ports = to } };
	struct series_point points[2] = {
		{ .what = before, .shares = &shares[0], .share_count = 1 },
		{ .what = "netstat -ano", .shares = &shares[1], .share_count = 1 }
	};
	enum severity severity;

	machine.evidence.points = points;
	machine.evidence.point_count = 2;
	severity = severity_by(&machine, rule);
	machine.evidence.points = NULL;
	machine.evidence.point_count = 0;
	snapshot_free(&machine);
	return severity;
}

TEST(ports_that_grow_make_it_a_warning)
{
	assert_int_equal(severity_when_grown(100, 200, "netstat -ano"), SEVERITY_WARNING);
	assert_int_equal(severity_when_grown(100, 199, "netstat -ano"), SEVERITY_OK);
	assert_int_equal(severity_when_grown(10, 109, "netstat -ano"), SEVERITY_OK);
	assert_int_equal(severity_when_grown(1000, 1900, "netstat -ano"), SEVERITY_OK);
	assert_int_equal(severity_when_grown(100, 200, "netstat -anoq"), SEVERITY_OK);
}

TEST(on_linux_the_limit_says_more)
{
	struct snapshot machine = machine_new();
	struct process *process = machine_process(&machine, 4321);

	process->descriptors = 20000;
	process->socket_descriptors = 16000;
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	assert_false(is_remarked(&machine));
	snapshot_free(&machine);
}

TEST(the_finding_names_the_file_that_told_the_handles)
{
	struct snapshot machine = with_handles("app.exe", 4000, 90);
	struct diagnosis diagnosis;
	bool found = false;

	machine_process(&machine, 4321)->descriptors_from =
		machine_artefact(&machine, "app.dmp", "minidump") + 1;
	diagnosis_make(&diagnosis, &machine, &default_policy);
	for (size_t i = 0; i < diagnosis.finding_count; i++) {
		const struct finding *finding = &diagnosis.findings[i];

		if (strcmp(finding->rule, rule))
			continue;
		found = true;
		assert_int_equal(finding->source_count, 1);
		assert_string_equal(machine.evidence.artefacts[finding->sources[0]].file,
				    "app.dmp");
	}
	assert_true(found);
	diagnosis_free(&diagnosis);
	snapshot_free(&machine);
}

SUITE(handles_many, cmocka_unit_test(a_mark_alone_is_a_remark),
      cmocka_unit_test(many_sockets_among_them_are_a_warning),
      cmocka_unit_test(the_article_excepts_four_programs_however_they_are_spelt),
      cmocka_unit_test(sockets_that_serve_clients_do_not_count),
      cmocka_unit_test(where_types_are_not_told_the_listing_counts),
      cmocka_unit_test(ports_that_grow_make_it_a_warning),
      cmocka_unit_test(on_linux_the_limit_says_more),
      cmocka_unit_test(the_finding_names_the_file_that_told_the_handles));
