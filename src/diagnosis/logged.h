#pragma once

#include "knowledge/topic.h"
#include "snapshot/evidence.h"

#include <stdbool.h>

/*
 * Events that a machine has logged itself, and what may be concluded from those that are not there.
 */

/* What is known of such an event; NULL: nothing. */
const struct topic *logged_topic(const struct logged_event *event);

/* "Tcpip 4231"; where nothing is known of it, as it was logged. In the arena, or static. */
struct arena;
const char *logged_name(struct arena *arena, const struct logged_event *event);
enum exhaustion logged_exhaustion(const struct logged_event *event);

/* All of them, the latest last; to be freed by the caller. */
const struct logged_event **logged_by_time(const struct evidence_facts *facts);

/* What the absence of an event in a log says. */
enum logged_absence {
	ABSENCE_WEAK, /* none was logged from the first to the last record; Windows may log no more after the first ones */
	ABSENCE_CLEARED,   /* what was before is gone */
	ABSENCE_HOLES,	   /* records in between are missing */
	ABSENCE_EXCERPT,   /* somebody has chosen: it may have been left out */
	ABSENCE_ELSEWHERE, /* the log is not the one in which such events stand */
};

enum logged_absence logged_absence_in(const struct logged_log *log);

/* Whether the log has an event that is the proof: 4231 or 4266 of Tcpip. */
bool logged_has_proof(const struct evidence_facts *facts, const struct logged_log *log);
