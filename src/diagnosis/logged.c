#include "diagnosis/logged.h"

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct topic *logged_topic(const struct logged_event *event)
{
	char name[160];

	snprintf(name, sizeof name, "%s %u", event->provider ? event->provider : "event",
		 (unsigned)event->id);
	return topic_find(name);
}

const char *logged_name(struct arena *arena, const struct logged_event *event)
{
	const struct topic *topic = logged_topic(event);

	return topic ? topic->name :
		       arena_print(arena, "%s %u", event->provider ? event->provider : "?",
				   (unsigned)event->id);
}

enum exhaustion logged_exhaustion(const struct logged_event *event)
{
	const struct topic *topic = logged_topic(event);

	return topic && topic->exhaustion != EXHAUSTION_UNASKED ? topic->exhaustion :
								  EXHAUSTION_NO;
}

static int by_time(const void *a, const void *b)
{
	const struct logged_event *left = *(const struct logged_event *const *)a,
				  *right = *(const struct logged_event *const *)b;

	if (left->last_ms != right->last_ms)
		return left->last_ms < right->last_ms ? -1 : 1;
	return left < right ? -1 : left > right;
}

const struct logged_event **logged_by_time(const struct evidence_facts *facts)
{
	const struct logged_event **events =
		memory_zeroed(facts->event_count + 1, sizeof *events);

	for (size_t i = 0; i < facts->event_count; i++)
		events[i] = &facts->events[i];
	qsort(events, facts->event_count, sizeof *events, by_time);
	return events;
}

enum logged_absence logged_absence_in(const struct logged_log *log)
{
	if (log->channel && strcasecmp(log->channel, "System"))
		return ABSENCE_ELSEWHERE;
	if (log->cleared)
		return ABSENCE_CLEARED;
	if (log->excerpt)
		return ABSENCE_EXCERPT;
	return log->missing ? ABSENCE_HOLES : ABSENCE_WEAK;
}

bool logged_has_proof(const struct evidence_facts *facts, const struct logged_log *log)
{
	for (size_t i = 0; i < facts->event_count; i++) {
		const struct logged_event *event = &facts->events[i];

		if (event->artefact == log->artefact && event->provider &&
		    !strcasecmp(event->provider, "Tcpip") &&
		    (event->id == 4231 || event->id == 4266))
			return true;
	}
	return false;
}
