#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/terminal.h"
#include "diagnosis/diagnosis.h"
#include "source/failures.h"
#include "view/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * For hours, on a machine that may run out of everything: a line that cannot be written, or a look that fails,
 * is not the end.
 */
enum { DEFAULT_INTERVAL_MS = 10000, SHORTEST_MS = 100, LONGEST_MS = 24 * 3600 * 1000 };
enum { OWNERS_FROM_PERCENT = 50 };

struct watch {
	struct common_options common;
	uint64_t interval_ms, count;
	struct failures *failures;
	int64_t failed;		 /* calls since the last line */
	int64_t opens, opens_ms; /* of the look before; -1 */
	bool want_owners;	 /* it was full enough to ask who */
	bool torn;		 /* half a line was written when the disk became full */
	uint64_t written, lost;
	struct error last; /* why a look or a line failed, told once */
};

static int64_t now_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- output ---- */

/* Once as long as it is the same: a full disk for an hour is one complaint. */
static void complain(struct watch *watch, const char *sentence)
{
	if (!strcmp(watch->last.text, sentence))
		return;
	error_set(&watch->last, "%s", sentence);
	(void)command_fail(0, sentence);
}

static void write_line(struct watch *watch, const char *text, size_t size)
{
	struct error error;
	ssize_t wrote;

	if (watch->torn && write(STDOUT_FILENO, "\n", 1) != 1) {
		watch->lost++;
		return;
	}
	watch->torn = false;
	do
		wrote = write(STDOUT_FILENO, text, size);
	while (wrote < 0 && errno == EINTR);
	if (wrote == (ssize_t)size) {
		watch->written++;
		watch->last.text[0] = '\0';
		return;
	}
	watch->torn = wrote > 0;
	watch->lost++;
	error_set(&error, _("cannot write to standard output: %s"),
		  language_errno(wrote < 0 ? errno : ENOSPC));
	complain(watch, error.text);
}

/* ---- one look ---- */

static void count_states(struct watch_line *line)
{
	const struct snapshot *snapshot = line->snapshot;

	for (size_t i = 0; i < snapshot->holding_count; i++) {
		const struct holding *holding = &snapshot->holdings[i];

		if (holding->key.protocol == PROTOCOL_TCP)
			line->states[holding->key.state] += holding->sockets;
		else
			line->udp += holding->sockets;
	}
}

static int64_t count_opens(const struct snapshot *snapshot)
{
	int64_t opens = 0;

	for (size_t i = 0; i < snapshot->namespace_count; i++)
		if (snapshot->namespaces[i].counters.active_opens > 0)
			opens += snapshot->namespaces[i].counters.active_opens;
	return opens;
}

static double rate_of(struct watch *watch, const struct snapshot *snapshot)
{
	int64_t opens = count_opens(snapshot), now = now_ms(CLOCK_MONOTONIC);
	double rate = -1;

	/* Namespaces come and go, and their counters with them. */
	if (watch->opens >= 0 && opens >= watch->opens && now > watch->opens_ms)
		rate = (double)(opens - watch->opens) * 1000 / (double)(now - watch->opens_ms);
	watch->opens = opens;
	watch->opens_ms = now;
	return rate;
}

static bool is_half_full(const struct destination *destination)
{
	const struct capacity *capacity = &destination->capacity;

	return capacity->known && (capacity->eligible - capacity->room_min) * 100 >=
					  capacity->eligible * OWNERS_FROM_PERCENT;
}

static const struct share *find_culprit(const struct destination *destination)
{
	for (size_t i = 0; i < destination->share_count; i++)
		if (owner_is_process(destination->shares[i].owner_kind))
			return &destination->shares[i];
	return NULL;
}

static void tell(struct watch *watch, const struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	struct watch_line line = {
		.time_ms = snapshot->time_ms,
		.snapshot = snapshot,
		.fullest = diagnosis->destination_count ? &diagnosis->destinations[0] : NULL,
		.opens_per_s = rate_of(watch, snapshot),
		.failed_calls = watch->failures ? watch->failed : -1,
		.severity = severity_name(diagnosis->verdict),
	};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	count_states(&line);
	if (line.fullest) {
		line.culprit = find_culprit(line.fullest);
		watch->want_owners = is_half_full(line.fullest);
	}
	if (watch->common.json)
		watch_json(&line, out);
	else
		watch_text(&line, out);
	fclose(out);
	write_line(watch, text, size);
	free(text);
	watch->failed = 0;
}

static void look(struct watch *watch)
{
	struct source_request request = watch->common.request;
	struct snapshot snapshot = { 0 };
	struct diagnosis diagnosis;
	struct error error;

	request.no_owners = !watch->want_owners;
	if (source_read(&request, &snapshot, &error)) {
		complain(watch, error.text);
	} else {
		diagnosis_make(&diagnosis, &snapshot, &default_policy);
		tell(watch, &diagnosis);
		diagnosis_free(&diagnosis);
	}
	snapshot_free(&snapshot);
}

/* ---- between two looks ---- */

static bool count_failure(void *context, const struct failure *failure)
{
	struct watch *watch = context;

	(void)failure;
	watch->failed++;
	return true;
}

static void wait_until(struct watch *watch, int64_t until_ms)
{
	struct error error;
	int64_t left;

	while ((left = until_ms - now_ms(CLOCK_MONOTONIC)) > 0) {
		if (watch->failures &&
		    failures_poll(watch->failures, (int)left, count_failure, watch, &error)) {
			complain(watch, error.text);
			failures_close(watch->failures);
			watch->failures = NULL;
		}
		if (!watch->failures) {
			struct timespec time = { left / 1000, left % 1000 * 1000000 };

			nanosleep(&time, NULL);
		}
	}
}

static void heading(struct watch *watch)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	watch_heading(out);
	fclose(out);
	write_line(watch, text, size);
	free(text);
	watch->written = 0;
}

static int run_watch(struct watch *watch)
{
	struct failures_request request = {
		.where = &watch->common.request,
		.cheap = true,
		.wake = -1,
	};
	struct error error;
	int64_t next = now_ms(CLOCK_MONOTONIC);
	uint64_t looks = 0;

	watch->failures = failures_open(&request, &error);
	if (!watch->failures && watch->common.verbose)
		(void)command_fail(0, error.text);
	if (!watch->common.json)
		heading(watch);
	while (!watch->count || looks < watch->count) {
		wait_until(watch, next);
		look(watch);
		looks++;
		next += (int64_t)watch->interval_ms;
		/* After a look that took longer than that, or a sleep of the machine. */
		if (next < now_ms(CLOCK_MONOTONIC))
			next = now_ms(CLOCK_MONOTONIC);
	}
	failures_close(watch->failures);
	return watch->lost ? 1 : 0;
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
	return error_set(error, _("'%s' is no interval from 100ms to 24h; write it as 10s"),
			 argv[1]);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct watch watch = {
		.common = { .request = { .scope = SCOPE_REACHABLE } },
		.interval_ms = DEFAULT_INTERVAL_MS,
		.opens = -1,
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
	return run_watch(&watch);
}

static const struct option_spec options_of_watch[] = {
	{ "count", "N", N_("end after so many lines (default: never)") },
	OPTIONS_END,
};

const struct command command_watch = {
	.name = "watch",
	.summary =
		N_("one line per interval: the fullest destination, states, opens a second"),
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
