#include "action/windows/range.h"

#include "action/windows/range_change.h"
#include "action/windows/range_record.h"
#include "action/windows/range_rows.h"
#include "source/windows/range/netsh_command.h"
#include "suite.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* ---- a netsh with four rows ---- */

static struct {
	struct range_rows rows;
	unsigned sets, refuse_from; /* so many are taken; 0: all are */
	int refused_row;	    /* protocol * 2 + family; -1: none */
	bool does_nothing, is_joined, is_mute;
	bool hangs, hangs_when_done; /* set */
	char last_set[120];
} fake;

static void print_row(struct netsh_call *call, bool udp, bool six)
{
	const struct port_range range = fake.rows.rows[udp][six];
	char text[200];

	snprintf(text, sizeof text,
		 "\r\nX %s\r\n---------------------------------\r\nA : %u\r\nB : %u\r\n",
		 udp ? "udp" : "tcp", range.first, port_range_size(range));
	if (!fake.is_mute)
		call->output = _strdup(text);
	call->size = fake.is_mute ? 0 : strlen(text);
}

static void take_set(struct netsh_call *call, bool udp, bool six)
{
	unsigned first = 0, count = 0;

	strcpy(fake.last_set, call->arguments);
	sscanf(strstr(call->arguments, "start="), "start=%u num=%u", &first, &count);
	if ((fake.refuse_from && fake.sets >= fake.refuse_from) ||
	    fake.refused_row == udp * 2 + six) {
		call->status = 1;
		return;
	}
	fake.sets++;
	for (int i = 0; i < RANGE_FAMILIES && !fake.does_nothing; i++)
		if (i == six || fake.is_joined)
			fake.rows.rows[udp][i] =
				(struct port_range){ (uint16_t)first,
						     (uint16_t)(first + count - 1) };
}

static void run(const struct netsh *netsh, struct netsh_call *calls, size_t count)
{
	(void)netsh;
	for (size_t i = 0; i < count; i++) {
		const bool udp = strstr(calls[i].arguments, "udp"),
			   six = strstr(calls[i].arguments, "ipv6");

		calls[i].end = NETSH_ENDED;
		if (!strstr(calls[i].arguments, " set "))
			print_row(&calls[i], udp, six);
		else if (fake.hangs)
			calls[i].end = NETSH_HUNG;
		else
			take_set(&calls[i], udp, six);
		if (strstr(calls[i].arguments, " set ") && fake.hangs_when_done)
			calls[i].end = NETSH_HUNG;
	}
}

static const struct netsh netsh = { run, NULL };
static const struct port_range old = { 49152, 65535 }, wide = { 10000, 65535 };

static void all_rows(struct range_rows *rows, struct port_range range)
{
	range_each_row(protocol, i)
	{
		rows->rows[protocol][i] = range;
	}
}

static bool are_all(const struct range_rows *rows, struct port_range range)
{
	range_each_row(protocol, i)
	{
		if (!range_row_is(rows->rows[protocol][i], range))
			return false;
	}
	return true;
}

static struct range_request request_all(void)
{
	struct range_request request = { .for_s = 0 };

	all_rows(&request.before, old);
	all_rows(&request.after, wide);
	range_each_row(protocol, i)
	{
		request.wanted[protocol][i] = true;
	}
	return request;
}

/* ---- a folder of its own ---- */

static char folder[MAX_PATH];

static void begin(void)
{
	wchar_t path[MAX_PATH];
	char *text;

	memset(&fake, 0, sizeof fake);
	fake.refused_row = -1;
	all_rows(&fake.rows, old);
	GetTempPathW(MAX_PATH, path);
	text = wide_to_text(path);
	snprintf(folder, sizeof folder, "%sportroom-%lu", text, GetCurrentProcessId());
	free(text);
}

static struct range_tools tools(void)
{
	return (struct range_tools){ .netsh = &netsh, .folder = folder, .elevated = true };
}

static void end(void)
{
	static const char *const names[] = { "range.record", "range.lock", "range.new" };
	char path[MAX_PATH + 20];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s\\%s", folder, names[i]);
		DeleteFileA(path);
	}
	RemoveDirectoryA(folder);
}

static char told[600];

static void tell(const char *sentence)
{
	snprintf(told, sizeof told, "%s", sentence);
}

/* ---- the change alone ---- */

TEST(rows_that_are_taken_are_read_back)
{
	struct range_request request = request_all();
	struct range_rows now;
	struct error error;

	begin();
	assert_int_equal(range_change_do(&netsh, &request, &now, &error), 0);
	assert_true(are_all(&now, wide) && fake.sets == 4);
	assert_string_equal(fake.last_set,
			    "int ipv6 set dynamicport udp start=10000 num=55536 store=active");
	request.persistent = true;
	assert_int_equal(range_change_do(&netsh, &request, &now, &error), 0);
	assert_non_null(strstr(fake.last_set, "store=persistent"));
}

/* Whichever row is refused: those before it are set back. */
TEST(a_row_that_is_refused_takes_the_others_back)
{
	for (int row = 0; row < 4; row++) {
		const struct range_request request = request_all();
		struct range_rows now;
		struct error error;

		begin();
		fake.refused_row = row;
		assert_int_equal(range_change_do(&netsh, &request, &now, &error), -1);
		assert_true(are_all(&fake.rows, old));
		assert_non_null(strstr(error.text, range_row_name(row / 2, row % 2)));
		assert_non_null(strstr(error.text, row ? "set back" : "nothing was changed"));
	}
}

TEST(a_netsh_that_does_nothing_is_not_believed)
{
	const struct range_request request = request_all();
	struct range_rows now;
	struct error error;

	begin();
	fake.does_nothing = true;
	assert_int_equal(range_change_do(&netsh, &request, &now, &error), -1);
	assert_non_null(strstr(error.text, "tcp ipv4 was not taken"));
}

TEST(what_cannot_be_set_back_is_told)
{
	const struct range_request request = request_all();
	struct range_rows now;
	struct error error;

	begin();
	fake.refuse_from = 2;
	assert_int_equal(range_change_do(&netsh, &request, &now, &error), -2);
	assert_non_null(strstr(error.text, "could not be set back"));
	assert_non_null(strstr(error.text, "10000-65535"));
}

TEST(a_netsh_that_hangs_changes_nothing)
{
	const struct range_request request = request_all();
	struct range_rows now;
	struct error error;

	begin();
	fake.hangs = true;
	assert_int_equal(range_change_do(&netsh, &request, &now, &error), -1);
	assert_non_null(strstr(error.text, "no answer"));
}

/* For the next start it cannot be seen whether it has. */
TEST(a_netsh_that_hangs_when_it_has_done_its_work_is_believed_for_now)
{
	struct range_request request = request_all();
	struct range_rows now;
	struct error error;

	begin();
	fake.hangs_when_done = true;
	assert_that(!range_change_do(&netsh, &request, &now, &error), "%s", error.text);
	assert_true(are_all(&now, wide) && fake.sets == 4);
	begin();
	fake.hangs_when_done = true;
	request.persistent = true;
	assert_true(range_change_do(&netsh, &request, &now, &error) < 0);
	assert_non_null(strstr(error.text, "no answer"));
}

/* ---- with its record ---- */

TEST(a_change_is_noted_and_undone)
{
	const struct range_tools with = tools();
	const struct range_request request = request_all();
	struct range_record record;
	struct range_rows now;
	struct error error;

	begin();
	assert_int_equal(range_last(&with, &record, &error), 0);
	assert_that(!range_set(&with, &request, &now, &error), "%s", error.text);
	assert_int_equal(range_last(&with, &record, &error), 1);
	assert_true(!record.changing && !record.deadline_ms && are_all(&record.before, old) &&
		    are_all(&record.after, wide));
	assert_int_equal(range_undo(&with, &record, &error), 0);
	assert_true(are_all(&fake.rows, old));
	assert_int_equal(range_undo(&with, &record, &error), -1);
	end();
}

TEST(without_rights_nothing_is_begun)
{
	struct range_tools with = tools();
	const struct range_request request = request_all();
	struct range_record record;
	struct range_rows now;
	struct error error;

	begin();
	with.elevated = false;
	assert_int_equal(range_set(&with, &request, &now, &error), -1);
	assert_non_null(strstr(error.text, "Run as administrator"));
	assert_int_equal(range_undo(&with, &record, &error), -1);
	assert_int_equal(range_confirm(&with, false, &record, &error), -1);
	assert_int_equal(fake.sets, 0);
	assert_int_equal(GetFileAttributesA(folder), INVALID_FILE_ATTRIBUTES);
}

TEST(what_somebody_else_has_set_meanwhile_is_not_overwritten)
{
	const struct range_tools with = tools();
	const struct range_request request = request_all();
	struct range_rows now;
	struct error error;

	begin();
	fake.rows.rows[PROTOCOL_UDP][0].first = 50000;
	assert_int_equal(range_set(&with, &request, &now, &error), -1);
	assert_non_null(strstr(error.text, "somebody else"));
	assert_int_equal(fake.sets, 0);
	assert_false(range_record_is_there(folder));
	end();
}

TEST(rows_that_cannot_be_read_are_not_set)
{
	const struct range_tools with = tools();
	const struct range_request request = request_all();
	struct range_rows now;
	struct error error;

	begin();
	fake.is_mute = true;
	assert_int_equal(range_set(&with, &request, &now, &error), -1);
	assert_non_null(strstr(error.text, "cannot be read"));
	assert_int_equal(fake.sets, 0);
	end();
}

/* A record as one leaves it who is killed. */
static void leave(bool changing, int64_t left_ms, struct port_range set)
{
	struct range_record record = {
		.changing = changing,
		.deadline_ms = left_ms ? range_now_ms() + left_ms : 0,
	};
	struct range_folder open;
	struct error error;

	all_rows(&record.before, old);
	all_rows(&record.after, wide);
	fake.rows.rows[PROTOCOL_TCP][0] = set;
	assert_that(!range_folder_open(&open, folder, &error), "%s", error.text);
	assert_that(!range_record_write(&open, &record, &error), "%s", error.text);
	range_folder_close(&open);
}

TEST(a_broken_change_is_set_back_by_the_next)
{
	const struct range_tools with = tools();

	begin();
	leave(true, 0, wide);
	*told = '\0';
	range_overdue_by(&with, tell);
	assert_non_null(strstr(told, "broken off: the range is 49152-65535 again"));
	assert_true(are_all(&fake.rows, old));
	assert_false(range_record_is_there(folder));
	*told = '\0';
	range_overdue_by(&with, tell);
	assert_string_equal(told, "");
	end();
}

TEST(a_trial_past_its_time_is_set_back_and_one_within_is_not)
{
	const struct range_tools with = tools();

	begin();
	leave(false, 60000, wide);
	*told = '\0';
	range_overdue_by(&with, tell);
	assert_string_equal(told, "");
	assert_true(range_row_is(fake.rows.rows[0][0], wide));
	leave(false, -1, wide);
	range_overdue_by(&with, tell);
	assert_non_null(strstr(told, "not confirmed in time"));
	assert_true(are_all(&fake.rows, old));
	end();
}

TEST(whoever_is_at_it_is_left_to_it)
{
	const struct range_tools with = tools();
	struct range_folder open;
	struct error error;

	begin();
	leave(true, 0, wide);
	assert_int_equal(range_folder_open(&open, folder, &error), 0);
	*told = '\0';
	range_overdue_by(&with, tell);
	assert_string_equal(told, "");
	assert_int_equal(fake.sets, 0);
	range_folder_close(&open);
	end();
}

TEST(who_has_no_rights_tells_what_waits)
{
	struct range_tools with = tools();

	begin();
	leave(true, 0, wide);
	with.elevated = false;
	*told = '\0';
	range_overdue_by(&with, tell);
	assert_non_null(strstr(told, "run as administrator"));
	assert_int_equal(fake.sets, 0);
	assert_true(range_record_is_there(folder));
	end();
}

TEST(what_cannot_be_set_back_waits_for_the_next)
{
	const struct range_tools with = tools();
	const struct range_request request = request_all();
	struct range_rows now;
	struct error error;

	begin();
	leave(true, 0, wide);
	fake.refused_row = 0;
	*told = '\0';
	range_overdue_by(&with, tell);
	assert_non_null(strstr(told, "tcp ipv4"));
	assert_true(range_record_is_there(folder));
	/* Its way back must not be lost by another change. */
	assert_int_equal(range_set(&with, &request, &now, &error), -1);
	assert_non_null(strstr(error.text, "range undo"));
	fake.refused_row = -1;
	range_overdue_by(&with, tell);
	assert_true(are_all(&fake.rows, old));
	end();
}

TEST(a_trial_is_confirmed_in_time_only)
{
	const struct range_tools with = tools();
	struct range_record record;
	struct error error;

	begin();
	leave(false, 60000, wide);
	all_rows(&fake.rows, wide);
	assert_that(!range_confirm(&with, true, &record, &error), "%s", error.text);
	assert_true(record.persistent && fake.sets == 4);
	assert_non_null(strstr(fake.last_set, "store=persistent"));
	assert_int_equal(range_confirm(&with, false, &record, &error), -1);
	assert_non_null(strstr(error.text, "nothing waits"));
	leave(false, -1, wide);
	assert_int_equal(range_confirm(&with, false, &record, &error), -1);
	assert_non_null(strstr(error.text, "too late"));
	end();
}

static DWORD WINAPI close_later(void *file)
{
	Sleep(200);
	CloseHandle(file);
	return 0;
}

/* As a scanner for viruses has it open: nobody may remove it meanwhile. */
static HANDLE open_for_a_moment(void)
{
	char path[MAX_PATH + 20];
	HANDLE file, thread;

	snprintf(path, sizeof path, "%s\\range.record", folder);
	file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
	assert_true(file != INVALID_HANDLE_VALUE);
	thread = CreateThread(NULL, 0, close_later, file, 0, NULL);
	assert_non_null(thread);
	return thread;
}

static void await(HANDLE thread)
{
	WaitForSingleObject(thread, INFINITE);
	CloseHandle(thread);
}

TEST(a_record_that_somebody_reads_is_replaced_and_removed_after)
{
	struct range_folder opened;
	struct range_record record = { .deadline_ms = 0 };
	struct error error;
	HANDLE reader;

	begin();
	all_rows(&record.before, old);
	all_rows(&record.after, wide);
	assert_int_equal(range_folder_open(&opened, folder, &error), 0);
	assert_int_equal(range_record_write(&opened, &record, &error), 0);
	reader = open_for_a_moment();
	assert_int_equal(range_record_write(&opened, &record, &error), 0);
	await(reader);
	reader = open_for_a_moment();
	range_record_drop(&opened);
	assert_false(range_record_is_there(folder));
	await(reader);
	range_folder_close(&opened);
	end();
}

TEST(a_record_that_is_cut_anywhere_is_none)
{
	char whole[4096], path[MAX_PATH + 20];
	FILE *file;
	size_t size;

	begin();
	leave(false, 60000, wide);
	snprintf(path, sizeof path, "%s\\range.record", folder);
	file = fopen(path, "rb");
	size = fread(whole, 1, sizeof whole, file);
	fclose(file);
	assert_true(size > 100);
	for (size_t cut = 0; cut < size; cut++) {
		struct range_record record;
		struct error error;

		file = fopen(path, "wb");
		fwrite(whole, 1, cut, file);
		fclose(file);
		assert_that(range_record_read(folder, &record, &error) == -1, "cut at %zu",
			    cut);
	}
	end();
}

SUITE(windows_range, cmocka_unit_test(rows_that_are_taken_are_read_back),
      cmocka_unit_test(a_row_that_is_refused_takes_the_others_back),
      cmocka_unit_test(a_netsh_that_does_nothing_is_not_believed),
      cmocka_unit_test(what_cannot_be_set_back_is_told),
      cmocka_unit_test(a_netsh_that_hangs_changes_nothing),
      cmocka_unit_test(a_netsh_that_hangs_when_it_has_done_its_work_is_believed_for_now),
      cmocka_unit_test(a_change_is_noted_and_undone),
      cmocka_unit_test(without_rights_nothing_is_begun),
      cmocka_unit_test(what_somebody_else_has_set_meanwhile_is_not_overwritten),
      cmocka_unit_test(rows_that_cannot_be_read_are_not_set),
      cmocka_unit_test(a_broken_change_is_set_back_by_the_next),
      cmocka_unit_test(a_trial_past_its_time_is_set_back_and_one_within_is_not),
      cmocka_unit_test(whoever_is_at_it_is_left_to_it),
      cmocka_unit_test(who_has_no_rights_tells_what_waits),
      cmocka_unit_test(what_cannot_be_set_back_waits_for_the_next),
      cmocka_unit_test(a_trial_is_confirmed_in_time_only),
      cmocka_unit_test(a_record_that_somebody_reads_is_replaced_and_removed_after),
      cmocka_unit_test(a_record_that_is_cut_anywhere_is_none));
