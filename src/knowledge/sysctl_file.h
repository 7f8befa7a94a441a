#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A file of kernel settings, as sysctl.d(5) and sysctl.conf(5) describe it, looked at for what it does
 * to ports: which lines help, which do nothing, which do harm, and why.
 */
enum sysctl_verdict {
	SYSCTL_UNRELATED, /* has nothing to do with ports; counted, not listed */
	SYSCTL_HELPFUL,
	SYSCTL_NEUTRAL, /* matters to ports, changes nothing for the worse or better */
	SYSCTL_USELESS, /* does not do what it is believed to do for ports */
	SYSCTL_HARMFUL,
	SYSCTL_REMOVED,	   /* the kernel has no such setting any more */
	SYSCTL_OVERRIDDEN, /* a later line sets the same key to something else */
	SYSCTL_INVALID,	   /* no line that sysctl understands, or no value it takes */
	SYSCTL_VERDICT_COUNT,
};

/* Lines are compared with each other; no real file has so many. */
enum { SYSCTL_MOST_SETTINGS = 4096 };

/* One line `key = value`. */
struct sysctl_setting {
	unsigned line;	   /* from 1 */
	const char *key;   /* with dots, "net.ipv4.tcp_tw_reuse"; globs as they stand */
	const char *value; /* one blank between its parts; NULL: none */
	bool is_glob;
	bool is_refused;    /* the kernel does not take the value */
	bool ignore_errors; /* written with '-' in front */
};

struct sysctl_remark {
	const struct sysctl_setting *setting;
	enum sysctl_verdict verdict;
	const char *reason;  /* English; shown through _(); with %s if there is a detail */
	const char *detail;  /* a key or a number for the reason; NULL: none */
	const char *note;    /* what else is to be said, English; NULL: nothing */
	unsigned other_line; /* the line that overrides; 0: none */
};

struct sysctl_review {
	struct sysctl_setting *settings;
	size_t setting_count, setting_capacity;
	struct sysctl_remark *remarks; /* in the order of the lines */
	size_t remark_count, remark_capacity;
	unsigned lines, unrelated;
	bool too_many; /* what lies beyond SYSCTL_MOST_SETTINGS was not looked at */
	struct arena arena;
};

/* Reads and judges `text` (NUL-terminated). Freed by sysctl_review_free(), whatever it found. */
void sysctl_review_make(struct sysctl_review *review, const char *text);
void sysctl_review_free(struct sysctl_review *review);

/* Whether the text looks like such a file at all: most of its lines set something. */
bool sysctl_review_is_sensible(const struct sysctl_review *review);

/* Whether nothing but comments and empty lines is in it. */
bool sysctl_review_sets_nothing(const struct sysctl_review *review);

/* "helpful", ...: for programs. */
const char *sysctl_verdict_name(enum sysctl_verdict verdict);

/* For people, in their language. */
const char *sysctl_verdict_title(enum sysctl_verdict verdict);

/* ---- between the files of the review ---- */

struct sysctl_remark *sysctl_add_remark(struct sysctl_review *review,
					const struct sysctl_setting *setting,
					enum sysctl_verdict verdict, const char *reason);

/* The value that the file leaves `key` with; NULL: it does not set it. Globs count, values that the
 * kernel refuses do not. */
const char *sysctl_last_value(const struct sysctl_review *review, const char *key);

/* Whether a key of the file, which may be a glob, is this setting. */
bool sysctl_key_matches(const char *pattern, const char *key);

/* Adds what is to be said of one setting; false: it has nothing to do with ports. sysctl_judge.c */
bool sysctl_judge(struct sysctl_review *review, const struct sysctl_setting *setting);

/* ---- what the kernel takes: sysctl_refused.c ---- */

/* Why it does not take the value, as far as its rules are known here, English; NULL: it does. */
const char *sysctl_refusal(const char *key, const char *value);

/* A range below the first unprivileged port, by what else the file sets. */
bool sysctl_is_refused_range(const struct sysctl_review *review, const char *value);

/* Marks those of the review. To be called once, before anything is judged. */
void sysctl_mark_refused(struct sysctl_review *review);

/* What the value of a setting is: two ports; or a number, or two. */
bool sysctl_is_range(const char *key);
bool sysctl_is_numeric(const char *key);
