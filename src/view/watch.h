#pragma once

#include "diagnosis/fullest.h"
#include "view/view.h"

#include <stddef.h>

/*
 * portroom watch: one line for one look at the machine. Columns stay what they are.
 */
struct watch_line {
	int64_t time_ms;
	const struct snapshot *snapshot; /* NULL: nothing could be read */
	struct fullest fullest;
	const struct share *culprit; /* who has most of it; NULL: not known */
	int64_t states[16];	     /* TCP sockets by enum socket_state; -1: not known */
	int64_t udp;		     /* -1: not known */
	double opens_per_s;	     /* below 0: not known, such as at the first look */
	int64_t failed_calls; /* for want of a port since the line before; -1: nobody watches */
	uint64_t lost;	      /* lines before this one that could not be written */
	uint64_t missed;      /* intervals before this one in which nobody looked */
	const char *severity; /* "ok", ... */
};

void watch_heading(FILE *out);
void watch_text(const struct watch_line *line, FILE *out);
void watch_json(const struct watch_line *line, FILE *out);
