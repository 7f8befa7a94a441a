#include "base/arena.h"
#include "base/language.h"
#include "base/schedule.h"
#include "base/text.h"
#include "command/command.h"
#include "command/terminal.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/opens.h"
#include "source/failures.h"
#include "system/clock.h"
#include "system/memory_file.h"
#include "system/stream.h"
#include "view/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * For hours, on a machine that may run out of everything: a line that cannot be written, or a look that fails,
 * is not the end.
 */
enum { DEFAULT_INTERVAL_MS = 10000, SHORTEST_MS = 100, LONGEST_MS = 24 * 3600 * 1000 };
enum { OWNERS_FROM_PERCENT = 50, SETTINGS_SERVE_MS = 60 * 1000 };

struct watch {
	struct common_options common;
	uint64_t interval_ms, count;
	struct failures *failures;
	int64_t failed;	 /* calls since the last line */
	uint64_t unseen; /* of these, events that the kernel had no room for, so far */
	struct opens opens;
	bool want_owners;	 /* it was full enough to ask who */
	struct windows settings; /* of Windows, as they were read then */
	int64_t settings_ms;	 /* 0: they were not */
	bool headed;		 /* the headings are written */
	bool torn;		 /* half a line was written when the disk became full */
	bool deaf;		 /* nobody will ever read what is written */
	uint64_t lost;		 /* lines since the last one that was written */
	uint64_t missed;	 /* intervals without a look since then */
	bool lost_any;
	struct error look_failed, write_failed; /* told once, until it works again */
};

/* ---- output ---- */

static bool put(struct watch *watch, const char *text, size_t size)
{
	size_t wrote;

	if (watch->torn && !stream_write("\n", 1, &wrote))
		return false;
	watch->torn = false;
	if (stream_write(text, size, &wrote))
		return true;
	watch->torn = wrote > 0;
	return false;
}

static void write_line(struct watch *watch, const char *text, size_t size)
{
	struct error error;

	if (put(watch, text, size)) {
		watch->write_failed.text[0] = '\0';
		watch->lost = watch->missed = 0;
		return;
	}
	watch->deaf = errno == EPIPE || errno == EBADF;
	watch->lost++;
	watch->lost_any = true;
	error_set(&error, _("cannot write to standard output: %s"), language_errno(errno));
	command_complain(&watch->write_failed, error.text);
}

/* ---- one look ---- */

/* What was not read to the end is not 0. */
static void count_known(struct watch_line *line)
{
	const struct snapshot *snapshot = line->snapshot;
	bool tcp = snapshot->namespace_count > 0, udp = tcp, bound = tcp;

	for (size_t i = 0; i < snapshot->namespace_count; i++) {
		const struct netns *netns = &snapshot->namespaces[i];

		tcp = tcp && netns->tcp_read;
		udp = udp && netns->udp_read;
		bound = bound && (netns->bound_dumped || netns->bound_seen);
	}
	for (int state = 0; state < SOCKET_STATE_COUNT; state++)
		line->states[state] = tcp && (bound || state != SOCKET_BOUND) ? 0 : -1;
	line->udp = udp ? 0 : -1;
}

static void count_states(struct watch_line *line)
{
	const struct snapshot *snapshot = line->snapshot;

	count_known(line);
	for (size_t i = 0; i < snapshot->holding_count; i++) {
		const struct holding *holding = &snapshot->holdings[i];
		int64_t *count = holding->key.protocol == PROTOCOL_TCP ?
					 &line->states[holding->key.state] :
					 &line->udp;

		if (*count >= 0)
			*count += holding->sockets;
	}
}

static bool is_half_full(const struct capacity *capacity)
{
	return capacity && capacity->known &&
	       (capacity->eligible - capacity->room_min) * 100 >=
		       capacity->eligible * OWNERS_FROM_PERCENT;
}

static const struct share *find_culprit(const struct fullest *fullest)
{
	for (size_t i = 0; i < fullest->share_count; i++)
		if (owner_is_process(fullest->shares[i].owner_kind))
			return &fullest->shares[i];
	return NULL;
}

/* What goes out is one write(). */
static void put_line(struct watch *watch, struct watch_line *line)
{
	struct memory_file text;

	line->failed_calls = watch->failures ? watch->failed : -1;
	line->lost = watch->lost;
	line->missed = watch->missed;
	memory_file_open(&text);
	if (watch->common.json) {
		watch_json(line, text.out);
	} else {
		/* With the first line that can be written: a file that it is missing from is hard to read. */
		if (!watch->headed)
			watch_heading(text.out);
		watch_text(line, text.out);
	}
	memory_file_flush(&text);
	write_line(watch, text.text, text.size);
	memory_file_close(&text);
	watch->headed = watch->headed || !watch->lost;
	watch->failed = 0;
}

static void tell_look(struct watch *watch, const struct diagnosis *diagnosis, int64_t at_ms)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	struct watch_line line = {
		.time_ms = snapshot->time_ms,
		.snapshot = snapshot,
		.fullest = fullest_of(diagnosis),
		.opens_per_s = opens_rate(&watch->opens, snapshot, at_ms),
		.severity = severity_name(diagnosis->verdict),
	};

	watch->look_failed.text[0] = '\0';
	count_states(&line);
	line.culprit = find_culprit(&line.fullest);
	/* Windows tells them with the sockets. */
	watch->want_owners = is_half_full(line.fullest.capacity) || snapshot->windows;
	put_line(watch, &line);
}

static void keep_settings(struct watch *watch, const struct snapshot *snapshot)
{
	windows_free(&watch->settings);
	watch->settings = (struct windows){ 0 };
	watch->settings_ms = 0;
	if (!snapshot->windows)
		return;
	windows_copy_settings(&watch->settings, snapshot->windows);
	watch->settings_ms = clock_monotonic_ms();
}

/* -1 with a sentence if nothing could be read. */
static int look(struct watch *watch, struct error *error)
{
	struct source_request request = watch->common.request;
	struct snapshot snapshot = { 0 };
	struct diagnosis diagnosis;
	int64_t began = clock_monotonic_ms();
	int result;

	request.no_owners = !watch->want_owners;
	if (watch->settings_ms && began < watch->settings_ms + SETTINGS_SERVE_MS)
		request.known = &watch->settings;
	result = source_read(&request, &snapshot, error);
	if (!result) {
		int64_t ended = clock_monotonic_ms();

		diagnosis_make(&diagnosis, &snapshot, &default_policy);
		/* The counters were read somewhere in between. */
		tell_look(watch, &diagnosis, began + (ended - began) / 2);
		diagnosis_free(&diagnosis);
		if (!request.known)
			keep_settings(watch, &snapshot);
	}
	snapshot_free(&snapshot);
	return result;
}

/* A line that says so, instead of a hole. */
static void tell_nothing(struct watch *watch, const struct error *error)
{
	struct watch_line line = {
		.time_ms = clock_now_ms(),
		.udp = -1,
		.opens_per_s = -1,
		.severity = severity_name(SEVERITY_UNKNOWN),
	};

	for (int state = 0; state < SOCKET_STATE_COUNT; state++)
		line.states[state] = -1;
	command_complain(&watch->look_failed, error->text);
	put_line(watch, &line);
}

/* ---- between two looks ---- */

static bool count_failure(void *context, const struct failure *failure)
{
	struct watch *watch = context;

	(void)failure;
	watch->failed++;
	return true;
}

static void take_failures(struct watch *watch, int64_t wait)
{
	struct failures_counts counts;
	struct error error;
	uint64_t unseen;

	if (failures_poll(watch->failures, (int)wait, count_failure, watch, &error)) {
		(void)command_fail(0, error.text);
		failures_close(watch->failures);
		watch->failures = NULL;
		return;
	}
	counts = failures_counts(watch->failures);
	/* Events of any kind say nothing of how many calls failed. */
	unseen = counts.lost_are_events ? 0 : counts.lost;
	watch->failed += (int64_t)(unseen - watch->unseen);
	watch->unseen = unseen;
}

static void wait_until(struct watch *watch, int64_t until_ms)
{
	int64_t left;

	while ((left = until_ms - clock_boot_ms()) > 0) {
		if (watch->failures)
			take_failures(watch, left);
		else
			clock_rest_ms((uint64_t)left);
	}
	/* Also where one look follows the other. */
	if (watch->failures)
		take_failures(watch, 0);
}

static int repeat(struct watch *watch, struct error *error)
{
	struct schedule schedule = { clock_boot_ms(), (int64_t)watch->interval_ms };

	for (uint64_t looks = 0; !watch->deaf && (!watch->count || looks < watch->count);
	     looks++) {
		wait_until(watch, schedule.next_ms);
		/* After a look that took longer than that, or a sleep of the machine. */
		watch->missed += schedule_take(&schedule, clock_boot_ms());
		if (look(watch, error)) {
			/* What never worked, such as a namespace that is not there, is no record. */
			if (!looks)
				return -1;
			tell_nothing(watch, error);
		}
	}
	return 0;
}

static int run_watch(const struct command *command, struct watch *watch)
{
	struct failures_request request = {
		.where = &watch->common.request,
		.cheap = true,
	};
	struct error error;
	int result;

	/* Writing tells it. */
	stream_mind_limits();
	watch->failures = failures_open(&request, &error);
	if (!watch->failures && watch->common.verbose)
		(void)command_fail(0, error.text);
	result = repeat(watch, &error);
	failures_close(watch->failures);
	opens_free(&watch->opens);
	windows_free(&watch->settings);
	if (result)
		return command_fail(command->failure, error.text);
	return watch->lost_any ? command->failure : 0;
}

/* ---- the command line ---- */

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct watch *watch = context;

	if (!strcmp(name, "count") &&
	    (!text_to_number(value, UINT32_MAX, &watch->count) || !watch->count))
		return error_set(error, _("--count '%s' is not a number from 1"), value);
	return 0;
}

static int take_words(struct watch *watch, int words, char **argv, struct error *error)
{
	uint64_t seconds;

	if (watch->common.request.root)
		return error_set(error, _("--root: nothing happens in a copied /proc"));
	if (words > 1)
		return error_set(error, _("'%s': watch takes one interval"), argv[2]);
	if (!words)
		return 0;
	if (text_to_number(argv[1], LONGEST_MS / 1000, &seconds))
		watch->interval_ms = seconds * 1000;
	else if (!text_to_duration(argv[1], LONGEST_MS, &watch->interval_ms))
		watch->interval_ms = 0;
	if (watch->interval_ms >= SHORTEST_MS)
		return 0;
	return error_set(error,
			 _("'%s' is no interval from 100ms to 24h; write it as 500ms or 10s"),
			 argv[1]);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct watch watch = {
		.common = { .request = { .scope = SCOPE_REACHABLE } },
		.interval_ms = DEFAULT_INTERVAL_MS,
		.want_owners = true,
	};
	struct error error;
	int words;

	if (options_parse(command, argc, argv, &watch.common, take_option, &watch, &words,
			  &error))
		return command_fail(command->usage_error, error.text);
	if (watch.common.help)
		return command_help(command), 0;
	if (take_words(&watch, words, argv, &error))
		return command_fail(command->usage_error, error.text);
	return run_watch(command, &watch);
}

static const struct option_spec options_of_watch[] = {
	{ "count", "N", N_("end after so many lines (default: never)") },
	OPTIONS_END,
};

const struct command command_watch = {
	.name = "watch",
	.summary = N_("one line per interval: room, who has it, states, opens a second"),
	.usage = "[INTERVAL]",
	.description = N_(
		"Writes a line with the time every INTERVAL (default 10s): the room of the fullest "
		"destination and who has it, sockets by state, connections opened a second, calls "
		"that failed for want of a port. Columns stay what they are."),
	.options = options_of_watch,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
