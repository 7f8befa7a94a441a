#include "source/windows/range/ranges.h"

#include "base/arena.h"
#include "fake_wmi.h"
#include "snapshot/snapshot.h"
#include "source/artefact/windows/ranges.h"
#include "source/windows/range/netsh_command.h"
#include "source/windows/range/netsh_rows.h"
#include "source/windows/range/registry_settings.h"
#include "source/windows/range/wmi_settings.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a netsh ---- */

struct fake_netsh {
	unsigned first[2][2], count[2][2]; /* count 0: it prints nothing */
	bool excludes; /* it knows excludedportrange, which Windows 7 does not */
	enum netsh_end end;
	unsigned long status;
	bool is_late[8], is_refused[8]; /* its first run has no end, or no beginning */
	char asked[16][120];
	size_t calls;
};

static void print(struct netsh_call *call, const struct fake_netsh *fake)
{
	const bool udp = strstr(call->arguments, "udp"), six = strstr(call->arguments, "ipv6");
	char text[400] = "";

	if (strstr(call->arguments, "excludedportrange")) {
		if (fake->excludes)
			snprintf(text, sizeof text,
				 "\r\nX %s\r\n\r\nA B\r\n----------    --------\r\n"
				 "      5357        5357\r\n\r\n* - x\r\n",
				 udp ? "udp" : "tcp");
		else
			snprintf(text, sizeof text,
				 "The following command was not found.\r\n");
		call->status = fake->excludes ? fake->status : 1;
	} else if (fake->count[udp][six]) {
		snprintf(
			text, sizeof text,
			"\r\nX %s\r\n---------------------------------\r\nA : %u\r\nB : %u\r\n",
			udp ? "udp" : "tcp", fake->first[udp][six], fake->count[udp][six]);
	}
	call->output = _strdup(text);
	call->size = strlen(text);
}

static void run(const struct netsh *netsh, struct netsh_call *calls, size_t count)
{
	struct fake_netsh *fake = netsh->context;

	for (size_t i = 0; i < count; i++) {
		const size_t number = fake->calls++;

		assert_true(number < 16);
		strcpy(fake->asked[number], calls[i].arguments);
		calls[i].end = number < 8 && fake->is_late[number]    ? NETSH_HUNG :
			       number < 8 && fake->is_refused[number] ? NETSH_NOT_STARTED :
									fake->end;
		calls[i].status = fake->status;
		if (calls[i].end == NETSH_ENDED)
			print(&calls[i], fake);
	}
}

static const struct fake_netsh usual = {
	.first = { { 49152, 49152 }, { 49152, 49152 } },
	.count = { { 16384, 16384 }, { 16384, 16384 } },
	.excludes = true,
	.end = NETSH_ENDED,
};

/* ---- a registry ---- */

static LSTATUS delay_status;
static DWORD delay;

static LSTATUS WINAPI get_value(HKEY key, const wchar_t *subkey, const wchar_t *name,
				DWORD flags, DWORD *type, void *data, DWORD *size)
{
	(void)key;
	(void)subkey;
	(void)flags;
	(void)type;
	(void)size;
	if (wcscmp(name, L"TcpTimedWaitDelay"))
		return ERROR_FILE_NOT_FOUND;
	*(DWORD *)data = delay;
	return delay_status;
}

/* ---- all of it ---- */

static const struct fake_wmi no_wmi = { .connects = (HRESULT)0x8004100e };

static void read_by(struct snapshot *snapshot, struct fake_netsh *fake,
		    const struct fake_wmi *fake_wmi)
{
	const struct netsh netsh = { run, fake };
	const struct wmi_route wmi = fake_wmi_begin(fake_wmi ? fake_wmi : &no_wmi);
	const struct registry_route registry = { get_value };
	const struct range_routes routes = { fake_wmi ? &wmi : NULL, &netsh, &registry };

	*snapshot = (struct snapshot){ .time_ms = 0 };
	snapshot->windows = arena_alloc(&snapshot->arena, sizeof *snapshot->windows);
	snapshot_add_netns(snapshot, &(struct netns){ .kind = NETNS_HOST });
	windows_ranges_read_by(&routes, snapshot);
	ranges_tell(snapshot);
	assert_int_equal(fake_wmi_end(), 0);
}

static const struct source_report *source_of(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->source_count; i++)
		if (!strcmp(snapshot->sources[i].name, name))
			return &snapshot->sources[i];
	fail_msg("no source is called %s", name);
	return NULL;
}

static bool has_gap(const struct snapshot *snapshot, const char *words)
{
	for (size_t i = 0; i < snapshot->gap_count; i++)
		if (strstr(snapshot->gaps[i].what, words) ||
		    strstr(snapshot->gaps[i].why, words))
			return true;
	return false;
}

static const struct windows_range *row(const struct snapshot *snapshot, int protocol, int six)
{
	return &snapshot->windows->ranges[protocol][six];
}

TEST(netsh_tells_four_rows_and_what_is_excluded)
{
	struct fake_netsh fake = usual;
	struct snapshot snapshot;

	fake.first[PROTOCOL_UDP][1] = 20000;
	fake.count[PROTOCOL_UDP][1] = 300;
	delay_status = ERROR_FILE_NOT_FOUND;
	read_by(&snapshot, &fake, NULL);
	assert_string_equal(fake.asked[0], "int ipv4 show dynamicport tcp");
	assert_string_equal(fake.asked[7], "int ipv6 show excludedportrange protocol=udp");
	assert_int_equal(row(&snapshot, PROTOCOL_UDP, 1)->range.last, 20299);
	assert_int_equal(row(&snapshot, PROTOCOL_TCP, 0)->range.first, 49152);
	assert_false(row(&snapshot, PROTOCOL_TCP, 0)->family_unsaid);
	assert_int_equal(row(&snapshot, PROTOCOL_TCP, 0)->excluded.count, 1);
	assert_true(source_of(&snapshot, "netsh")->used);
	assert_false(source_of(&snapshot, "wmi")->used);
	assert_true(source_of(&snapshot, "netsh")->milliseconds > 0);
	assert_int_equal(snapshot.gap_count, 0);
	snapshot_free(&snapshot);
}

TEST(a_netsh_without_an_answer_is_a_gap_and_the_default_is_marked)
{
	static const struct {
		enum netsh_end end;
		unsigned long status;
		const char *why;
	} cases[] = { { NETSH_HUNG, 0, "no answer" },
		      { NETSH_NOT_STARTED, ERROR_FILE_NOT_FOUND, "could not be started" },
		      { NETSH_ENDED, 1, "status 1" } };

	delay_status = ERROR_FILE_NOT_FOUND;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fake_netsh fake = { .end = cases[i].end, .status = cases[i].status };
		struct snapshot snapshot;

		read_by(&snapshot, &fake, &no_wmi);
		assert_true(row(&snapshot, PROTOCOL_TCP, 0)->assumed);
		assert_int_equal(row(&snapshot, PROTOCOL_TCP, 0)->range.first, 49152);
		assert_false(source_of(&snapshot, "netsh")->used);
		assert_that(strstr(source_of(&snapshot, "netsh")->why_not, cases[i].why),
			    "case %zu: %s", i, source_of(&snapshot, "netsh")->why_not);
		assert_true(has_gap(&snapshot, "neither WMI nor netsh"));
		assert_true(has_gap(&snapshot, "netsh did not tell it"));
		assert_that(strstr(row(&snapshot, PROTOCOL_UDP, 1)->why_untold, cases[i].why),
			    "case %zu: %s", i, row(&snapshot, PROTOCOL_UDP, 1)->why_untold);
		snapshot_free(&snapshot);
	}
}

TEST(calls_that_failed_side_by_side_are_made_again_alone)
{
	struct fake_netsh fake = usual;
	struct snapshot snapshot;

	fake.is_late[1] = fake.is_refused[7] = true;
	read_by(&snapshot, &fake, NULL);
	assert_int_equal(fake.calls, 10);
	assert_string_equal(fake.asked[8], fake.asked[1]);
	assert_string_equal(fake.asked[9], fake.asked[7]);
	assert_int_equal(row(&snapshot, PROTOCOL_TCP, 1)->range.first, 49152);
	assert_null(row(&snapshot, PROTOCOL_TCP, 1)->why_untold);
	assert_true(row(&snapshot, PROTOCOL_UDP, 1)->excluded_known);
	assert_null(source_of(&snapshot, "netsh")->why_not);
	assert_int_equal(snapshot.gap_count, 0);
	snapshot_free(&snapshot);
}

TEST(a_netsh_that_hangs_alone_as_well_is_asked_no_more)
{
	struct fake_netsh fake = { .end = NETSH_HUNG };
	struct snapshot snapshot;

	read_by(&snapshot, &fake, NULL);
	assert_int_equal(fake.calls, 8 + 1);
	snapshot_free(&snapshot);
}

/* So it is on Windows 7. */
TEST(excluded_ports_that_netsh_does_not_know_are_a_gap_alone)
{
	struct fake_netsh fake = usual;
	struct snapshot snapshot;

	fake.excludes = false;
	read_by(&snapshot, &fake, NULL);
	assert_false(row(&snapshot, PROTOCOL_TCP, 0)->assumed);
	assert_false(row(&snapshot, PROTOCOL_TCP, 0)->excluded_known);
	assert_true(has_gap(&snapshot, "which ports are excluded"));
	assert_false(has_gap(&snapshot, "the dynamic port range"));
	snapshot_free(&snapshot);
}

TEST(wmi_tells_what_netsh_does_not_and_no_family)
{
	static const struct fake_wmi wmi = {
		.tcp = { { -1, -1, -1, -1 }, { 10000, 1000, 20000, 100 } },
		.tcp_count = 2,
		.udp = { { 11000, 1000 } },
		.udp_count = 1,
		.ends = 1, /* WBEM_S_FALSE */
		.type = VT_I4,
	};
	struct fake_netsh fake = { .end = NETSH_ENDED };
	struct snapshot snapshot;

	read_by(&snapshot, &fake, &wmi);
	assert_int_equal(row(&snapshot, PROTOCOL_TCP, 1)->range.first, 10000);
	assert_int_equal(row(&snapshot, PROTOCOL_UDP, 0)->range.last, 11999);
	assert_true(row(&snapshot, PROTOCOL_TCP, 1)->family_unsaid);
	assert_false(row(&snapshot, PROTOCOL_TCP, 1)->assumed);
	assert_int_equal(snapshot.windows->auto_reuse.last, 20099);
	assert_true(snapshot.windows->auto_reuse_known);
	assert_true(source_of(&snapshot, "wmi")->used);
	assert_false(has_gap(&snapshot, "the dynamic port range"));
	snapshot_free(&snapshot);
}

TEST(wmi_and_netsh_that_disagree_are_told_and_netsh_is_taken)
{
	struct fake_wmi wmi = {
		.tcp = { { 10000, 1000, 0, 0 } },
		.tcp_count = 1,
		.ends = 1,
		.type = VT_I4,
	};
	struct fake_netsh fake = usual;
	struct snapshot snapshot;

	read_by(&snapshot, &fake, &wmi);
	assert_true(has_gap(&snapshot, "WMI tells 10000-10999, netsh 49152-65535"));
	assert_int_equal(row(&snapshot, PROTOCOL_TCP, 0)->range.first, 49152);
	assert_true(snapshot.windows->auto_reuse_known);
	assert_int_equal(snapshot.windows->auto_reuse.first, 0);
	snapshot_free(&snapshot);

	/* One family's is enough: WMI does not say whose it tells. */
	fake.first[PROTOCOL_TCP][1] = 10000;
	fake.count[PROTOCOL_TCP][1] = 1000;
	fake.calls = 0;
	read_by(&snapshot, &fake, &wmi);
	assert_int_equal(snapshot.gap_count, 0);
	snapshot_free(&snapshot);
}

TEST(templates_that_differ_are_a_gap)
{
	static const struct fake_wmi wmi = {
		.tcp = { { 49152, 16384, 0, 0 }, { 10000, 1000, 0, 0 } },
		.tcp_count = 2,
		.ends = 1,
		.type = VT_I4,
	};
	struct fake_netsh fake = usual;
	struct snapshot snapshot;

	read_by(&snapshot, &fake, &wmi);
	assert_true(has_gap(&snapshot, "the templates in WMI have different ranges"));
	snapshot_free(&snapshot);
}

TEST(a_wmi_that_fails_is_told)
{
	static const struct {
		struct fake_wmi fake;
		const char *why;
	} cases[] = {
		{ { .connects = (HRESULT)0x8004100e }, "does not tell it by WMI" },
		{ { .connects = (HRESULT)0x80041003 }, "denied" },
		{ { .asks = (HRESULT)0x80041010 }, "does not tell it by WMI" },
		{ { .ends = (HRESULT)0x80041001 }, "0x80041001" },
		{ { .ends = 1 }, "told no range" },
		{ { .tcp = { { 49152, 16384, 0, 0 } },
		    .tcp_count = 1,
		    .ends = 1,
		    .type = VT_BSTR },
		  "told no range" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fake_netsh fake = usual;
		struct snapshot snapshot;

		read_by(&snapshot, &fake, &cases[i].fake);
		assert_false(source_of(&snapshot, "wmi")->used);
		assert_that(strstr(source_of(&snapshot, "wmi")->why_not, cases[i].why),
			    "case %zu: %s", i, source_of(&snapshot, "wmi")->why_not);
		assert_false(snapshot.windows->auto_reuse_known);
		snapshot_free(&snapshot);
	}
}

TEST(a_wmi_that_hangs_is_left_alone)
{
	static const struct fake_wmi wmi = { .hangs = true, .ends = 1 };
	const struct wmi_route route = fake_wmi_begin(&wmi);
	struct wmi_settings settings;
	struct error error;

	assert_int_equal(wmi_settings_answer(wmi_settings_ask(&route), 50, &settings, &error),
			 -1);
	assert_non_null(strstr(error.text, "no answer"));
	assert_int_equal(fake_wmi_end(), 0); /* and frees what it has when it comes back */
}

TEST(numbers_of_the_registry_are_read_or_told_as_unread)
{
	static const struct {
		LSTATUS status;
		DWORD delay;
		int told;
		bool gap;
	} cases[] = { { 0, 30, 30, false },
		      { 0, 0, 0, false },
		      { ERROR_FILE_NOT_FOUND, 0, -1, false },
		      { ERROR_ACCESS_DENIED, 0, -1, true },
		      { ERROR_UNSUPPORTED_TYPE, 0, -1, true },
		      { 0, 86401, -1, true } };

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fake_netsh fake = usual;
		struct snapshot snapshot;

		delay_status = cases[i].status;
		delay = cases[i].delay;
		read_by(&snapshot, &fake, NULL);
		assert_int_equal(snapshot.windows->timed_wait_delay_s, cases[i].told);
		assert_int_equal(snapshot.windows->max_user_port, -1);
		assert_that(has_gap(&snapshot, "TcpTimedWaitDelay") == cases[i].gap,
			    "case %zu", i);
		assert_int_equal(source_of(&snapshot, "registry")->used, !cases[i].gap);
		snapshot_free(&snapshot);
	}
	delay_status = ERROR_FILE_NOT_FOUND;
}

SUITE(ranges, cmocka_unit_test(netsh_tells_four_rows_and_what_is_excluded),
      cmocka_unit_test(a_netsh_without_an_answer_is_a_gap_and_the_default_is_marked),
      cmocka_unit_test(calls_that_failed_side_by_side_are_made_again_alone),
      cmocka_unit_test(a_netsh_that_hangs_alone_as_well_is_asked_no_more),
      cmocka_unit_test(excluded_ports_that_netsh_does_not_know_are_a_gap_alone),
      cmocka_unit_test(wmi_tells_what_netsh_does_not_and_no_family),
      cmocka_unit_test(wmi_and_netsh_that_disagree_are_told_and_netsh_is_taken),
      cmocka_unit_test(templates_that_differ_are_a_gap),
      cmocka_unit_test(a_wmi_that_fails_is_told),
      cmocka_unit_test(a_wmi_that_hangs_is_left_alone),
      cmocka_unit_test(numbers_of_the_registry_are_read_or_told_as_unread));
