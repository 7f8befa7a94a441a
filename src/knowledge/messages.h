#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "knowledge/topic.h"

/*
 * What programs print when ports have run out, or when it looks so. A message is recognised by pieces
 * of its text, whose case does not matter; the first message of the table that fits counts.
 */
struct message {
	const char *program; /* title in programs.h, or another name; NULL: any */
	const char *
		fragments; /* separated by '|', in this order in the text; NULL ends the table */
	const char *topic; /* what it comes down to; NULL: only what `tell` says */
	enum exhaustion exhaustion;
	const char *tell;
	unsigned advice;     /* bits 1 << enum advice_kind: what helps in that program */
	const char *command; /* of portroom, several separated by "; "; NULL: none */
	const char *
		kernel; /* name of a line of the kernel's log, for programs; NULL: it is not one */
};

extern const struct message messages[];

/* NULL: none fits. */
const struct message *message_find(const char *text);

/* The same among the lines of the kernel's log only, or among all others only. */
const struct message *message_find_kernel(const char *text);
const struct message *message_find_program(const char *text);

/* Whether it is about a port that was wanted and not had, or about what is easily taken for that: the
 * descriptors. Not so what had a port and failed otherwise, such as a connection that was refused. */
bool message_is_about_ports(const struct message *message);

/* Where a message that was found begins in the text: its first piece. */
const char *message_begin(const struct message *message, const char *text);

/* Whether the text begins with the piece, which is not empty, whatever the case of ASCII letters. */
bool message_begins(const char *text, const char *piece, size_t length);

/* The place of `piece` in `text`, whatever the case of ASCII letters; NULL: not in it. */
const char *message_piece(const char *text, const char *piece, size_t length);
