#include "command/policy.h"

#include "base/language.h"
#include "command/config.h"
#include "diagnosis/rule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *policy_rule_words(unsigned index)
{
	return rules[index] ? rules[index]->id : NULL;
}

static int no_such_rule(const char *rule, struct error *error)
{
	const char *nearest = rule_nearest(rule);

	if (nearest)
		return error_set(error,
				 _("--ignore '%s': there is no such rule; did you mean %s?"),
				 rule, nearest);
	return error_set(error,
			 _("--ignore '%s': there is no such rule; 'portroom explain' "
			   "lists them"),
			 rule);
}

/* RULE[:SUBJECT] */
static int take_ignore(struct policy_options *options, const char *value, struct error *error)
{
	const char *colon = strchr(value, ':');
	size_t length = colon ? (size_t)(colon - value) : strlen(value);
	const char *rule = arena_copy_length(&options->arena, value, length);

	if (!rule_find(rule))
		return no_such_rule(rule, error);
	array_reserve(options->ignores, options->policy.ignore_count,
		      options->ignore_capacity);
	options->ignores[options->policy.ignore_count++] = (struct ignore){
		.rule = rule,
		.subject = colon ? arena_copy(&options->arena, colon + 1) : NULL,
	};
	options->policy.ignores = options->ignores;
	return 1;
}

int policy_take(struct policy_options *options, const char *name, const char *value,
		struct error *error)
{
	if (!strcmp(name, "warning")) {
		options->warning_text = value;
		return threshold_parse(&options->policy.warning, "--warning", value, error) ?
			       -1 :
			       1;
	}
	if (!strcmp(name, "critical")) {
		options->critical_text = value;
		return threshold_parse(&options->policy.critical, "--critical", value, error) ?
			       -1 :
			       1;
	}
	if (!strcmp(name, "ignore"))
		return take_ignore(options, value, error);
	if (strcmp(name, "config"))
		return 0;
	options->config = value;
	return 1;
}

/* The command line wins, but what the file says has to be right all the same; of equal keys the last
 * one counts, and what is ignored adds up. */
static int take_setting(void *context, const char *name, const char *value,
			struct error *error)
{
	struct policy_options *options = context;
	struct threshold unused;

	if ((options->warning_is_option && !strcmp(name, "warning")) ||
	    (options->critical_is_option && !strcmp(name, "critical")))
		return threshold_parse(&unused, name, value, error);
	return policy_take(options, name, value, error) < 0 ? -1 : 0;
}

/* A plain lower bound: it alerts at less than `first`. */
static bool is_plain(const struct threshold *threshold)
{
	return !threshold->inside && isfinite(threshold->first) && isinf(threshold->last);
}

/* Most likely the two were given as for a plugin whose figure grows. */
static int check_order(const struct policy_options *options, struct error *error)
{
	const struct threshold *warning = &options->policy.warning;
	const struct threshold *critical = &options->policy.critical;

	if (!options->warning_text || !options->critical_text || !is_plain(warning) ||
	    !is_plain(critical) || warning->percent != critical->percent ||
	    warning->first >= critical->first)
		return 0;
	return error_set(error,
			 _("--warning %s lies below --critical %s, so that there could be no "
			   "warning: both are the room that is left"),
			 options->warning_text, options->critical_text);
}

int policy_settle(struct policy_options *options, struct error *error)
{
	static const char *const keys[] = { "warning", "critical", "ignore", NULL };

	options->warning_is_option = options->warning_text != NULL;
	options->critical_is_option = options->critical_text != NULL;
	if (config_read(options->config, keys, take_setting, options, &options->arena, error))
		return -1;
	return check_order(options, error);
}

void policy_free(struct policy_options *options)
{
	free(options->ignores);
	arena_free(&options->arena);
}
