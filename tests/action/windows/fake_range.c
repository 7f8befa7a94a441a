#include "fake_range.h"

#include "action/windows/range_record.h"
#include "suite.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* ---- a netsh with four rows ---- */

struct fake_range fake;

static void print_row(struct netsh_call *call, bool udp, bool six)
{
	const bool next = strstr(call->arguments, "store=persistent");
	const bool is_mute =
		fake.is_mute ||
		(next && (fake.is_mute_of_next || (fake.is_mute_once_set && fake.sets)));
	const struct port_range range = (next ? &fake.next_rows : &fake.rows)->rows[udp][six];
	char text[200];

	snprintf(text, sizeof text,
		 "\r\nX %s\r\n---------------------------------\r\nA : %u\r\nB : %u\r\n",
		 udp ? "udp" : "tcp", range.first, port_range_size(range));
	if (!is_mute)
		call->output = _strdup(text);
	call->size = is_mute ? 0 : strlen(text);
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
	for (int i = 0; i < RANGE_FAMILIES && !fake.does_nothing; i++) {
		const struct port_range range = { (uint16_t)first,
						  (uint16_t)(first + count - 1) };

		if (i != six && !fake.is_joined)
			continue;
		fake.rows.rows[udp][i] = range;
		if (strstr(call->arguments, "store=persistent"))
			fake.next_rows.rows[udp][i] = range;
	}
}

static void run_set(struct netsh_call *call, bool udp, bool six)
{
	if (fake.unstarted) {
		fake.unstarted--;
		call->end = NETSH_NOT_STARTED;
		call->status = ERROR_INTERNAL_ERROR;
		return;
	}
	if (!fake.hangs)
		take_set(call, udp, six);
	if (fake.hangs || fake.hangs_when_done)
		call->end = NETSH_HUNG;
}

static void run(const struct netsh *netsh, struct netsh_call *calls, size_t count)
{
	(void)netsh;
	for (size_t i = 0; i < count; i++) {
		const bool udp = strstr(calls[i].arguments, "udp"),
			   six = strstr(calls[i].arguments, "ipv6");

		calls[i].end = NETSH_ENDED;
		calls[i].status = 0;
		if (strstr(calls[i].arguments, " set "))
			run_set(&calls[i], udp, six);
		else
			print_row(&calls[i], udp, six);
	}
}

const struct netsh fake_netsh = { run, NULL };
const struct port_range fake_old = { 49152, 65535 }, fake_wide = { 10000, 65535 };

void all_rows(struct range_rows *rows, struct port_range range)
{
	range_each_row(protocol, i)
	{
		rows->rows[protocol][i] = range;
	}
}

bool are_all(const struct range_rows *rows, struct port_range range)
{
	range_each_row(protocol, i)
	{
		if (!range_row_is(rows->rows[protocol][i], range))
			return false;
	}
	return true;
}

struct range_request fake_request(void)
{
	struct range_request request = { .for_s = 0 };

	all_rows(&request.before, fake_old);
	all_rows(&request.after, fake_wide);
	range_each_row(protocol, i)
	{
		request.wanted[protocol][i] = true;
	}
	return request;
}

/* ---- a folder of its own ---- */

void fake_end(void)
{
	static const char *const names[] = { "range.record", "range.lock", "range.new" };
	char path[MAX_PATH + 20];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s\\%s", fake.folder, names[i]);
		DeleteFileA(path);
	}
	RemoveDirectoryA(fake.folder);
}

void fake_begin(void)
{
	wchar_t path[MAX_PATH];
	char *text;

	memset(&fake, 0, sizeof fake);
	fake.refused_row = -1;
	all_rows(&fake.rows, fake_old);
	all_rows(&fake.next_rows, fake_old);
	GetTempPathW(MAX_PATH, path);
	text = wide_to_text(path);
	snprintf(fake.folder, sizeof fake.folder, "%sportroom-%lu", text,
		 GetCurrentProcessId());
	free(text);
	fake_end(); /* that of a process that failed, and had the same number */
}

static void rest(uint64_t milliseconds)
{
	(void)milliseconds;
	if (++fake.rests == fake.refused_rests)
		fake.refused_row = -1;
}

struct range_tools fake_tools(void)
{
	return (struct range_tools){
		.netsh = &fake_netsh, .folder = fake.folder, .rest = rest, .elevated = true
	};
}

void fake_tell(const char *sentence)
{
	snprintf(fake.told, sizeof fake.told, "%s", sentence);
}

void fake_leave(bool changing, int64_t left_ms, struct port_range set)
{
	struct range_record record = {
		.changing = changing,
		.deadline_ms = left_ms ? range_now_ms() + left_ms : 0,
	};
	struct range_folder open;
	struct error error;

	all_rows(&record.before.active, fake_old);
	all_rows(&record.after.active, fake_wide);
	fake.rows.rows[PROTOCOL_TCP][0] = set;
	assert_that(!range_folder_open(&open, fake.folder, &error), "%s", error.text);
	assert_that(!range_record_write(&open, &record, &error), "%s", error.text);
	range_folder_close(&open);
}
