#include "diagnosis/event_groups.h"

#include "base/arena.h"
#include "knowledge/counters.h"
#include "knowledge/messages.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static struct event event_of(enum event_source source, const char *text, int64_t time_ms)
{
	struct event event = {
		.source = source,
		.count = 1,
		.first_ms = time_ms,
		.last_ms = time_ms,
	};

	assert_that(event_recognise(source, text, &event.kind), "%s", text);
	event_set_text(&event, text);
	return event;
}

static const char nginx[] =
	"connect() to 10.0.9.1:80 failed (99: Cannot assign requested address)";

TEST(lines_that_bear_on_ports_are_recognised)
{
	static const struct {
		enum event_source source;
		const char *text, *name;
		enum exhaustion exhaustion;
	} lines[] = {
		{ EVENT_KERNEL, "nf_conntrack: table full, dropping packet", "conntrack_full",
		  EXHAUSTION_NO },
		{ EVENT_KERNEL,
		  "nf_conntrack: table full in netns 4026532211, dropping packet",
		  "conntrack_full", EXHAUSTION_NO },
		{ EVENT_KERNEL, "ip_conntrack: table full, dropping packet.", "conntrack_full",
		  EXHAUSTION_NO },
		{ EVENT_KERNEL, "TCP: too many orphaned sockets", "orphans", EXHAUSTION_NO },
		{ EVENT_KERNEL, "TCP: out of memory -- consider tuning tcp_mem", "tcp_memory",
		  EXHAUSTION_NO },
		{ EVENT_KERNEL, "Out of socket memory", "tcp_memory", EXHAUSTION_NO },
		{ EVENT_KERNEL, "TCP: time wait bucket table overflow", "time_wait_overflow",
		  EXHAUSTION_MAYBE },
		{ EVENT_KERNEL,
		  "ip_local_port_range: prefer different parity for start/end values.",
		  "odd_range", EXHAUSTION_NO },
		{ EVENT_KERNEL,
		  "TCP: request_sock_TCP: Possible SYN flooding on port [::]:80. Sending cookies.",
		  "syn_flood", EXHAUSTION_NO },
		{ EVENT_KERNEL, "possible SYN flooding on port 80. Sending cookies.",
		  "syn_flood", EXHAUSTION_NO },
		{ EVENT_KERNEL, "neighbour: arp_cache: neighbor table overflow!",
		  "neighbour_full", EXHAUSTION_NO },
		{ EVENT_KERNEL, "Neighbour table overflow.", "neighbour_full", EXHAUSTION_NO },
		{ EVENT_KERNEL, "VFS: file-max limit 1024 reached", "file_max",
		  EXHAUSTION_NO },
		{ EVENT_JOURNAL, nginx, "EADDRNOTAVAIL", EXHAUSTION_LIKELY },
		{ EVENT_JOURNAL, "listen tcp :80: bind: address already in use", "EADDRINUSE",
		  EXHAUSTION_NO },
		{ EVENT_JOURNAL, "zort: Can't assign requested address", "EADDRNOTAVAIL",
		  EXHAUSTION_MAYBE },
		{ EVENT_JOURNAL, "zort: code EADDRINUSE", "EADDRINUSE", EXHAUSTION_MAYBE },
		{ EVENT_JOURNAL, "curl: (7) Failed to connect", "cause_not_named",
		  EXHAUSTION_MAYBE },
	};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct event_kind kind;

		assert_that(event_recognise(lines[i].source, lines[i].text, &kind), "%s",
			    lines[i].text);
		assert_that(!strcmp(event_name(&kind), lines[i].name), "%s: %s", lines[i].text,
			    event_name(&kind));
		assert_that(event_exhaustion(&kind) == lines[i].exhaustion, "%s",
			    lines[i].text);
		assert_non_null(event_meaning(&kind));
	}
}

TEST(others_are_not)
{
	static const struct {
		enum event_source source;
		const char *text;
	} lines[] = {
		{ EVENT_KERNEL, "" },
		{ EVENT_KERNEL, "eth0: link is up" },
		{ EVENT_KERNEL, nginx },
		{ EVENT_JOURNAL, "" },
		{ EVENT_JOURNAL, "nf_conntrack: table full, dropping packet" },
		{ EVENT_JOURNAL, "GET /99 200 98 ms" },
		{ EVENT_JOURNAL, "failed with (99)" },
		{ EVENT_JOURNAL, "dial tcp 10.0.9.1:80: connect: connection refused" },
		{ EVENT_JOURNAL, "dial tcp 10.0.9.1:80: i/o timeout" },
		{ EVENT_JOURNAL, "FATAL: sorry, too many clients already" },
	};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct event_kind kind;

		assert_that(!event_recognise(lines[i].source, lines[i].text, &kind), "%s",
			    lines[i].text);
	}
}

TEST(every_counter_says_what_it_means)
{
	for (const struct counter *counter = counters; counter->name; counter++) {
		struct event event = { .source = EVENT_COUNTER, .kind.counter = counter };
		struct arena arena = { 0 };

		assert_string_equal(event_name(&event.kind), counter->name);
		assert_that(*event_meaning(&event.kind), "%s", counter->name);
		assert_ptr_equal(event_command(&arena, &event), counter->command);
		arena_free(&arena);
	}
}

TEST(of_many_lines_the_one_that_says_it_is_kept)
{
	struct event event = event_of(
		EVENT_JOURNAL,
		"Oops\njava.net.BindException: Cannot assign requested address\n\tat x", 1);

	assert_string_equal(event.text,
			    "java.net.BindException: Cannot assign requested address");
}

TEST(of_a_long_line_the_beginning_is_kept_and_no_half_character)
{
	char text[2000];
	struct event event;
	size_t length = (size_t)snprintf(text, sizeof text, "%s ", nginx);

	while (length + 3 < sizeof text) {
		memcpy(text + length, "\xe6\x96\x87", 4);
		length += 3;
	}
	event = event_of(EVENT_JOURNAL, text, 1);
	length = strlen(event.text);
	assert_in_range(length, EVENT_TEXT_SIZE - 4, EVENT_TEXT_SIZE - 1);
	assert_memory_equal(event.text + length - 3, "\xe6\x96\x87", 3);
}

TEST(the_command_has_the_address_of_the_line)
{
	struct event event = event_of(EVENT_JOURNAL, nginx, 1);
	struct arena arena = { 0 };

	assert_string_equal(event_command(&arena, &event),
			    "portroom room 10.0.9.1:80; portroom check");
	arena_free(&arena);
}

TEST(what_is_alike_is_one_event_with_its_times)
{
	struct event_groups groups = { 0 };
	char name[] = "nginx";

	for (int i = 0; i < 3; i++) {
		/* Neither in order, nor is the text there afterwards. */
		static const int64_t times[] = { 2000, 1000, 3000 };
		struct event event = event_of(EVENT_JOURNAL, nginx, times[i]);

		event.process = (struct process){ .pid = 800 + i, .name = name };
		event_groups_take(&groups, &event);
	}
	memset(name, 'x', sizeof name - 1);
	assert_int_equal(groups.count, 1);
	assert_int_equal(groups.events[0].count, 3);
	assert_int_equal(groups.events[0].first_ms, 1000);
	assert_int_equal(groups.events[0].last_ms, 3000);
	assert_int_equal(groups.events[0].process.pid, 802);
	assert_string_equal(groups.events[0].process.name, "nginx");
	event_groups_free(&groups);
}

TEST(what_differs_in_process_unit_or_namespace_is_not)
{
	struct event_groups groups = { 0 };
	struct event event = event_of(EVENT_JOURNAL, nginx, 1);

	event_groups_take(&groups, &event);
	event.process.name = "nginx";
	event_groups_take(&groups, &event);
	event.process.unit = "nginx.service";
	event_groups_take(&groups, &event);
	event.netns = 5;
	event_groups_take(&groups, &event);
	event_groups_take(&groups, &event);
	assert_int_equal(groups.count, 4);
	event_groups_free(&groups);
}

TEST(there_is_an_end_to_how_many_kinds_are_kept)
{
	struct event_groups groups = { 0 };
	struct event event = event_of(EVENT_JOURNAL, nginx, 1);

	for (uint64_t i = 0; i < EVENT_GROUPS_MOST + 7; i++) {
		event.netns = i + 1;
		event_groups_take(&groups, &event);
	}
	event.netns = 1;
	event_groups_take(&groups, &event);
	assert_int_equal(groups.count, EVENT_GROUPS_MOST);
	assert_int_equal(groups.rest, 7);
	assert_int_equal(groups.events[0].count, 2);
	event_groups_free(&groups);
}

TEST(they_are_sorted_by_time_and_counters_come_last)
{
	struct event_groups groups = { 0 };
	struct event late = event_of(EVENT_JOURNAL, nginx, 2000);
	struct event early = event_of(EVENT_KERNEL, "TCP: too many orphaned sockets", 1000);
	struct event counter = { .source = EVENT_COUNTER,
				 .kind.counter = counters,
				 .count = 9 };

	event_groups_take(&groups, &counter);
	event_groups_take(&groups, &late);
	event_groups_take(&groups, &early);
	event_groups_sort(&groups);
	assert_int_equal(groups.events[0].source, EVENT_KERNEL);
	assert_int_equal(groups.events[1].source, EVENT_JOURNAL);
	assert_int_equal(groups.events[2].source, EVENT_COUNTER);
	event_groups_free(&groups);
	event_groups_sort(&groups);
}

SUITE(event_groups, cmocka_unit_test(lines_that_bear_on_ports_are_recognised),
      cmocka_unit_test(others_are_not), cmocka_unit_test(every_counter_says_what_it_means),
      cmocka_unit_test(of_many_lines_the_one_that_says_it_is_kept),
      cmocka_unit_test(of_a_long_line_the_beginning_is_kept_and_no_half_character),
      cmocka_unit_test(the_command_has_the_address_of_the_line),
      cmocka_unit_test(what_is_alike_is_one_event_with_its_times),
      cmocka_unit_test(what_differs_in_process_unit_or_namespace_is_not),
      cmocka_unit_test(there_is_an_end_to_how_many_kinds_are_kept),
      cmocka_unit_test(they_are_sorted_by_time_and_counters_come_last));
