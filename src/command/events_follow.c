#include "command/events_follow.h"

#include "base/arena.h"
#include "command/command.h"
#include "command/events.h"
#include "command/output.h"
#include "system/clock.h"
#include "view/events.h"

void events_follow_begin(struct events_follow *follow)
{
	follow->begun_ms = clock_monotonic_ms();
}

bool events_follow_explains(struct events_follow *follow, const void *meaning)
{
	for (size_t i = 0; i < follow->explained_count; i++)
		if (follow->explained[i] == meaning)
			return false;
	if (follow->explained_count < EVENTS_MEANINGS)
		follow->explained[follow->explained_count++] = meaning;
	return true;
}

void events_follow_flush(struct events_follow *follow)
{
	struct error unsaid; /* whoever stopped reading knows */

	follow->failed = output_flush(&unsaid) != 0;
}

int events_follow_end(struct events_follow *follow, const struct command *command)
{
	double seconds = (double)(clock_monotonic_ms() - follow->begun_ms) / 1e3;
	struct arena arena = { 0 };

	if (follow->failed)
		return command->failure;
	if (follow->request->common.json)
		events_end_json(clock_now_ms(), seconds, follow->told, &follow->json);
	(void)command_fail(0, events_end_sentence(&arena, seconds, follow->told));
	arena_free(&arena);
	return 0;
}
