#pragma once

#include "view/view.h"

#include <stddef.h>

/*
 * portroom probe: how outbound attempts ended, and why. Rows come from the command, which knows attempts and the
 * machine; here they are told.
 */
struct probe_row {
	const char *from;     /* file that names it, of --symptoms; NULL */
	const char *group;    /* "name service", as --symptoms sorts them; NULL: none */
	const char *target;   /* as it was given, "db:5432" */
	const char *endpoint; /* "10.0.9.1:5432"; NULL: the name has no address */
	const char *protocol; /* "tcp", "udp" */
	const char *outcome;  /* for programs: "no_port" */
	const char *title;    /* for people: "no local port" */
	bool good;	      /* it came about, or at least nothing speaks against it */
	unsigned count, of;   /* so many of so many attempts ended so */
	double milliseconds;  /* of the last one */
	const char *local;    /* "10.0.0.5:41234"; NULL */
	const char *call, *error_name;
	const char *why; /* what that means here, and what to do; NULL */
	int64_t room;	 /* connects that would still succeed; -1: not asked or not known */
	const struct process *holder; /* who has most ports; NULL: nobody, or not asked */
	unsigned held;
};

void probe_text(const struct probe_row *rows, size_t count, const char *const *notes,
		size_t note_count, const struct view_style *style);
void probe_json(const struct probe_row *rows, size_t count, const char *const *notes,
		size_t note_count, int64_t time_ms, FILE *out);
