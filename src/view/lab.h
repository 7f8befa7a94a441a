#pragma once

#include "diagnosis/capacity.h"
#include "view/view.h"

#include <stddef.h>

/*
 * portroom lab: a shortage that was made, told in four steps. The verdicts are those of real readings.
 */
struct lab_call {
	const char *call;		     /* "connect"; NULL: none was made */
	const char *to;			     /* "192.0.2.2:5432"; NULL: it takes no address */
	const char *error_name, *error_text; /* NULL: it succeeded */
};

/* What portroom says of the namespace. */
struct lab_reading {
	const struct diagnosis *diagnosis;
	struct capacity room; /* for what the program wants */
};

struct lab_story {
	const char *name, *summary;
	const char *made;
	unsigned done; /* so many times; 0: not by a program */
	int32_t program;

	struct lab_call sees;
	struct lab_reading before;

	const char *cure;    /* in words; NULL: the command says it */
	const char *command; /* as one would type it; NULL: it is in the program */
	struct lab_reading after;
	unsigned calls;	     /* that succeeded after it, until one failed */
	const char *first;   /* the local end of the first of them; NULL: none */
	struct lab_call end; /* the one that failed */

	const char *unexpected; /* what went otherwise than it should; NULL: nothing */
	double seconds;
};

/* What `lab list` lists. */
struct lab_entry {
	const char *name, *summary;
	unsigned seconds; /* about */
};

void lab_list_text(const struct lab_entry *entries, size_t count,
		   const struct view_style *style);
void lab_list_json(const struct lab_entry *entries, size_t count, FILE *out);

/* Before the first: where it takes place. */
void lab_place_text(struct port_range range, const struct view_style *style);

/* The first half when it has happened, then the other. -v writes each verdict as check does. */
void lab_before_text(const struct lab_story *story, const struct view_style *style);
void lab_after_text(const struct lab_story *story, const struct view_style *style);

struct json;
void lab_begin_json(struct json *json, int64_t time_ms, struct port_range range);
void lab_story_json(struct json *json, const struct lab_story *story);
void lab_end_json(struct json *json);
