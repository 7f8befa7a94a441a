#pragma once

#include "snapshot/evidence.h"
#include "snapshot/process.h"
#include "source/artefact/text/json_tokens.h"

struct dossier;

/*
 * A failing call as a line of portroom trace tells it.
 */
struct trace_call {
	struct traced_failure like; /* what makes it one of those that are alike */
	struct failure told;	    /* with all that was recorded with it */
	struct process
		process; /* as it was at the call: its pid may have been another's before */
};

/* false: the line does not say what failed, when, or how. `call` must stay where it is. */
bool trace_call_read(const struct json_tokens *tokens, struct dossier *dossier,
		     struct trace_call *call);
