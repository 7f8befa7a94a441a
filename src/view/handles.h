#pragma once

#include "view/view.h"

#include <stddef.h>

struct arena;
struct holding;

/*
 * portroom handles: what processes have open, and one of them in detail.
 */
enum handles_remark {
	HANDLES_FINE,
	HANDLES_MANY,	    /* more than 3,000: Microsoft's article looks at such a process */
	HANDLES_TOO_MANY,   /* more than 10,000 */
	HANDLES_NEAR_LIMIT, /* nine tenths of what it may open, or more */
	HANDLES_USUAL	    /* more than 3,000, but that program may well have as many */
};

struct handles_kind {
	const char *name, *title; /* "socket" for programs, "sockets" for people */
	int64_t count;
};

struct handles_row {
	const struct process *process;
	int64_t count, sockets; /* -1: not told */
	int64_t listed; /* sockets with a port that a listing has of it; -1: there is none */
	bool compared;	/* it was there at the first look, too */
	int64_t growth;
	enum handles_remark remark;
	const struct handles_kind
		*kinds; /* those it has, most first; NULL in a list, or not told */
	size_t kind_count;
};

struct handles_view {
	const struct handles_row *rows;
	size_t count, more;		 /* shown, left out */
	int64_t files_open, files_limit; /* of the machine; -1: not known */
	double sample_s;		 /* 0: one look */
	unsigned refused;		 /* processes that could not be looked at */
	unsigned unanswered;		 /* handles that may be sockets as well */
	int64_t time_ms;		 /* 0: not known */
	const struct snapshot *machine;	 /* whose they are; NULL: not known */

	/* Of files: */
	const char *file; /* the first; NULL: it is a live machine */
	size_t untold;	  /* processes of which only sockets are told */
};

void handles_text(const struct handles_view *view, const struct view_style *style);
void handles_json(const struct handles_view *view, FILE *out);

/* One process: view->rows is one; `holdings` are its sockets, most first. */
void handles_one_text(const struct handles_view *view, const struct holding *const *holdings,
		      size_t count, const struct view_style *style);
void handles_one_json(const struct handles_view *view, const struct snapshot *snapshot,
		      const struct holding *const *holdings, size_t count, FILE *out);

/* The same of files, where not everything is told. */
void handles_files_text(const struct handles_view *view, const struct view_style *style);
void handles_files_one_text(const struct handles_view *view,
			    const struct holding *const *holdings, size_t count,
			    const struct view_style *style);

/* ---- what both have in common ---- */

void handles_more_text(const struct handles_view *view, struct arena *arena,
		       const struct view_style *style); /* how many are left out */
const char *handles_remark_text(enum handles_remark remark);
const char *handles_kinds_text(struct arena *arena, const struct handles_row *row);
void handles_holdings_text(struct arena *arena, const struct handles_row *row,
			   const struct holding *const *holdings, size_t count,
			   const struct view_style *style);
