#include "command/trace_etl.h"

#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "source/recording.h"
#include "system/clock.h"
#include "system/ending.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { USUAL_MIB = 64, LOOK_MS = 1000 };

bool trace_etl_is_meant(const char *path)
{
	static const char ending[] = ".etl";
	size_t length = strlen(path), tail = sizeof ending - 1;

	return length > tail && !strcasecmp(path + length - tail, ending);
}

/* Until its time is over, or somebody asks for the end. */
static int wait(struct recording *recording, uint64_t for_ms, const struct ending *ending,
		struct error *error)
{
	int64_t until = clock_monotonic_ms() + (int64_t)for_ms, left = LOOK_MS;

	while (left > 0 && !ending_was_asked(ending)) {
		if (recording_wait(recording, left < LOOK_MS ? (int)left : LOOK_MS, ending,
				   error))
			return -1;
		if (for_ms)
			left = until - clock_monotonic_ms();
	}
	return 0;
}

static void tell_sum(const char *path, const struct recording_sum *sum)
{
	struct arena arena = { 0 };
	char size[32], lost[32];

	text_grouped(size, (sum->bytes + 1023) >> 10);
	command_fail(
		0,
		arena_print(&arena,
			    _("'%s' has %s KiB; portroom trace --on FILE tells what failed"),
			    path, size));
	if (sum->lost)
		command_fail(0,
			     arena_print(&arena,
					 P_("%s event is not in it: the buffers were full",
					    "%s events are not in it: the buffers were full",
					    (unsigned long)sum->lost),
					 text_grouped(lost, sum->lost)));
	arena_free(&arena);
}

static int record(const struct command *command, const struct trace_etl *etl,
		  unsigned most_mib)
{
	const struct ending *ending = ending_catch();
	struct recording_sum sum;
	struct error error, end, start;
	struct recording *recording = recording_start(etl->path, most_mib, &error);
	int broken;

	if (!recording)
		return command_fail(command->failure, error.text);
	error_set(
		&start,
		_("what programs ask of their sockets goes into '%s', at most %u MiB of it, the "
		  "latest; Ctrl-C ends it"),
		etl->path, most_mib);
	command_fail(0, start.text);
	broken = wait(recording, etl->for_ms, ending, &error);
	if (recording_stop(recording, &sum, &end))
		return command_fail(command->failure, end.text);
	tell_sum(etl->path, &sum);
	return broken ? command_fail(command->failure, error.text) : 0;
}

int trace_etl(const struct command *command, const struct trace_etl *etl)
{
	uint64_t mib = etl->bytes ? etl->bytes >> 20 : USUAL_MIB;
	struct error error;

	if (!recording_is_possible())
		error_set(
			&error,
			_("--save '%s': only Windows writes event traces (.etl); give it another "
			  "name for JSON Lines"),
			etl->path);
	else if (etl->senseless)
		error_set(&error,
			  _("--%s: an event trace (.etl) has all calls of the machine"),
			  etl->senseless);
	else if (mib < RECORDING_LEAST_MIB || mib > RECORDING_MOST_MIB)
		error_set(&error, _("--size: from %dM to %dG"), RECORDING_LEAST_MIB,
			  RECORDING_MOST_MIB >> 10);
	else
		return record(command, etl, (unsigned)mib);
	return command_fail(command->usage_error, error.text);
}
