#include "windows/told.h"

#include "source/artefact/artefact.h"

#include <stdio.h>
#include <string.h>

/* What somebody sent may have been made to have more of everything than any machine has. */

TEST(of_too_many_processes_none_is_taken_for_another)
{
	enum { TOO_MANY = (1 << 17) + 100 };
	struct told told;
	uint32_t beyond;

	told_begin(&told);
	for (int32_t pid = 1; pid <= TOO_MANY; pid++)
		dossier_process_index(&told.dossier, pid);
	beyond = dossier_process_index(&told.dossier, TOO_MANY);
	assert_int_equal(told.snapshot.processes[beyond].pid, 0);
	assert_int_equal(dossier_process_index(&told.dossier, TOO_MANY + 1), beyond);
	assert_int_equal(dossier_process(&told.dossier, 1)->pid, 1);
	assert_int_equal(dossier_process(&told.dossier, 1 << 17)->pid, 1 << 17);
	assert_int_equal(told.snapshot.process_count, (1 << 17) + 1);
	told_end(&told);
}

TEST(names_take_so_much_memory_and_no_more)
{
	enum { LENGTH = 1024, MOST = (64 << 20) / LENGTH };
	char text[LENGTH];
	const struct span span = { text, LENGTH };
	const char *first, *last = NULL;
	struct told told;

	told_begin(&told);
	memset(text, 'x', sizeof text);
	first = dossier_text(&told.dossier, span);
	for (int i = 0; i < MOST + 10; i++) {
		snprintf(text, sizeof text, "%d", i);
		last = dossier_text(&told.dossier, span);
	}
	assert_string_equal(last, "?");
	memset(text, 'x', sizeof text);
	assert_ptr_equal(dossier_text(&told.dossier, span), first);
	told_end(&told);
}

TEST(logs_are_counted_up_to_a_number)
{
	struct told told;
	char name[32];

	told_begin(&told);
	dossier_open(&told.dossier, "file", 0);
	for (int i = 0; i < 5000; i++) {
		int length = snprintf(name, sizeof name, "Log%d", i);

		assert_non_null(dossier_add_log(
			&told.dossier,
			dossier_text(&told.dossier, (struct span){ name, (size_t)length })));
	}
	assert_int_equal(told.snapshot.evidence.log_count, 1024);
	told_end(&told);
}

/* It begins a table, of which nothing is a row: each such line took some memory that nobody gave back, and ended the listing
 * before. */
TEST(a_line_that_only_begins_like_a_row_costs_nothing)
{
	struct told told;

	told_of(&told, "0.0.0.0 1 0.0.0.0 0 Listen >\n"
		       "0.0.0.0 1 0.0.0.0 0 Listen >\n");
	assert_non_null(told_part(&told, "Get-NetTCPConnection"));
	assert_non_null(told_part(&told, "Get-NetTCPConnection")->partial);
	told_end(&told);
}

#define HOSTNAME(name) "net.ipv4.tcp_tw_reuse = 2\nkernel.hostname = " name "\n"

static const struct gap *gap_of_hosts(struct told *told, const char *first, const char *second)
{
	told_of(told, first);
	told_file(told, second, strlen(second));
	dossier_join(&told->dossier);
	for (size_t i = 0; i < told->snapshot.gap_count; i++)
		if (!strcmp(told->snapshot.gaps[i].what,
			    "whether the files are of one machine"))
			return &told->snapshot.gaps[i];
	return NULL;
}

TEST(files_of_two_machines_are_told)
{
	static const char uname[] =
		"Linux web1.shop.example 6.1.0-18-amd64 #1 SMP x86_64 GNU/Linux\n";
	struct told told;
	const struct gap *gap = gap_of_hosts(&told, HOSTNAME("web1"), HOSTNAME("web2"));

	assert_non_null(gap);
	assert_string_equal(gap->why, "file is of host web1, and file of host web2");
	assert_int_equal(gap->effect, GAP_SCOPE);
	assert_string_equal(told.snapshot.host_name, "web1");
	told_end(&told);
	assert_null(gap_of_hosts(&told, HOSTNAME("web1"), uname));
	told_end(&told);
	assert_null(gap_of_hosts(&told, uname, "net.ipv4.tcp_tw_reuse = 2\n"));
	told_end(&told);
}

SUITE(dossier, cmocka_unit_test(files_of_two_machines_are_told),
      cmocka_unit_test(of_too_many_processes_none_is_taken_for_another),
      cmocka_unit_test(names_take_so_much_memory_and_no_more),
      cmocka_unit_test(logs_are_counted_up_to_a_number),
      cmocka_unit_test(a_line_that_only_begins_like_a_row_costs_nothing));
