#pragma once

#include "action/probe.h"
#include "base/arena.h"
#include "diagnosis/diagnosis.h"
#include "source/source.h"
#include "view/probe.h"

/*
 * portroom probe: from what attempts met to what it means on this machine.
 */
struct probe_cause {
	enum probe_outcome outcome; /* what it turns out to be */
	const char *why;	    /* NULL: the outcome says it all */
	int64_t room;		    /* -1: not asked or not known */
	const struct process *holder;
	unsigned held;
};

/* What the machine looks like; read only when an attempt failed for a reason that it may tell. */
struct probe_look {
	struct snapshot snapshot;
	struct diagnosis diagnosis;
	bool read, known;
};

struct probe_machine {
	struct source_request request;
	struct arena arena;
	struct probe_look near; /* the namespace that attempts are made from */
	struct probe_look wide; /* and all others that packets may have to pass */
};

/* "no local port", for people. */
const char *probe_title(enum probe_outcome outcome);

struct probe_cause probe_explain(struct probe_machine *machine,
				 const struct probe_attempt *attempt);
void probe_machine_free(struct probe_machine *machine);
