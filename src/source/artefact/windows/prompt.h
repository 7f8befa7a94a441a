#pragma once

#include "snapshot/socket.h"
#include "source/artefact/text/text_format.h"

#include <stdbool.h>

/*
 * The command of PowerShell that an output is of, where it was copied with its prompt: it tells what the output leaves out.
 * A line "#TYPE" of CSV, and the class that JSON names, count as one.
 */
enum prompt_subject { SUBJECT_UNKNOWN, SUBJECT_TCP, SUBJECT_UDP, SUBJECT_PROCESS };

struct prompt {
	enum prompt_subject subject;
	bool filtered;	/* rows were left out: Where-Object, -State, -First */
	int state;	/* enum socket_state of which all are; -1: not told */
	char stamp[64]; /* a date before it, as a loop writes one; "": there is none */
	char provider
		[96]; /* the source of events, which stands above their table; "": there is none */
};

extern const struct prompt prompt_unknown;

void prompt_find(struct prompt *prompt, const struct text_context *context);
void prompt_read(struct prompt *prompt, struct span text);

/* "Established", "5": as PowerShell and WMI write states. false: it is none. */
bool prompt_state(struct span text, enum socket_state *state);
