#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "diagnosis/diagnosis.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * How the reader wants to be told: --warning, --critical, --ignore and the configuration file, in
 * which the same can be written. Begins with default_policy; ended by policy_free().
 */
struct policy_options {
	struct policy policy;
	const char *config;			  /* NULL: the default file */
	const char *warning_text, *critical_text; /* as they were given; NULL: they were not */
	bool warning_is_option, critical_is_option; /* on the command line, which wins */
	struct ignore *ignores;
	size_t ignore_capacity;
	struct arena arena;
};

/* The options as a piece of an option table, to be put at its head. */
#define POLICY_OPTIONS                                                                        \
	{ "warning", "RANGE", N_("warn at less than that left: 20%, 500 or a plugin range"),  \
	  'w' },                                                                              \
		{ "critical", "RANGE",                                                        \
		  N_("critical at less than that (default 5%, warning 20%)"), 'c' },          \
		{ "ignore", "RULE[:SUBJECT]",                                                 \
		  N_("leave findings out of the verdict; * fits any text"),                   \
		  .kind = VALUE_WORD, .words = policy_rule_words },                           \
	{                                                                                     \
		"config", "FILE", N_("read warning, critical and ignore from this file"),     \
			.kind = VALUE_FILE                                                    \
	}

/* For completion: the rules, NULL behind the last. */
const char *policy_rule_words(unsigned index);

/* 1: the option belongs to the policy and was taken; 0: it does not; -1 with a sentence. */
int policy_take(struct policy_options *options, const char *name, const char *value,
		struct error *error);

/* When the command line has been read: adds what the configuration file says. -1 with a sentence. */
int policy_settle(struct policy_options *options, struct error *error);

void policy_free(struct policy_options *options);
