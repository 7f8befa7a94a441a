#pragma once

#include "diagnosis/diagnosis.h"
#include "diagnosis/words.h"

/*
 * A rule knows one way in which ports run out (or seem to). It reads the diagnosis collected so
 * far and adds findings. Its page, rules/<id>.md, says what it means, how we know, what to do and
 * when it is wrong.
 */
enum rule_systems { RULE_LINUX = 1, RULE_WINDOWS = 2 };

struct rule {
	const char *id;
	const char *title;
	unsigned
		systems; /* whose it is, enum rule_systems: what ails and what helps differs */
	void (*check)(const struct rule *rule, struct diagnosis *diagnosis);
};

/* All rules in the order in which they are asked; ended by NULL. rules/rules.c */
extern const struct rule *const rules[];

/* NULL if there is none of that name. */
const struct rule *rule_find(const char *id);

/* The id that was probably meant; NULL if none is near. */
const char *rule_nearest(const char *id);

/* Its page, Markdown, in the language of the program; English where it is not translated. */
const char *rule_page(const struct rule *rule);

/* ---- what rules have in common ---- */

/* What took the ports of a destination. */
enum cause {
	CAUSE_NONE, /* enough room, or too little without this destination's own doing */
	CAUSE_CONNECTIONS, /* connections in use */
	CAUSE_TIME_WAIT,
	CAUSE_CLOSE_WAIT,
	CAUSE_FIN_WAIT2,
	CAUSE_SYN_SENT,
};

/* The cause of `destination` being low, and how bad it is. */
enum cause rule_cause(const struct diagnosis *diagnosis, const struct destination *destination,
		      enum severity *severity);

/* How bad that much room is; critical in any case if a call failed while the machine was watched. */
enum severity rule_severity(const struct diagnosis *diagnosis, const struct capacity *capacity,
			    const struct rates *rates);

/* What a sample measured of it, as evidence and forecast; nothing without a sample. */
void rule_add_rates(struct diagnosis *diagnosis, struct finding *finding,
		    const struct rates *rates);

/* A new finding, filled with the rule, the namespace and the severity; valid until the next. */
struct finding *rule_add_finding(struct diagnosis *diagnosis, const struct rule *rule,
				 uint32_t netns, enum severity severity);
struct finding *rule_add_remark(struct diagnosis *diagnosis, const struct rule *rule,
				uint32_t netns);

/* Whether nothing but the lines of portroom watch tells how many ports are left. */
bool rule_watched_alone(const struct diagnosis *diagnosis);

/* How bad an earlier rule (NULL: any) found it in this namespace; SEVERITY_OK: no finding. */
enum severity rule_found(const struct diagnosis *diagnosis, const char *id, uint32_t netns);

/* Whether an earlier rule has remarked on this namespace. */
bool rule_remarked(const struct diagnosis *diagnosis, const char *id, uint32_t netns);

void rule_add_evidence(struct finding *finding, const char *name, int64_t value,
		       const char *unit);
void rule_add_remedy(struct finding *finding, struct remedy remedy);
void rule_add_useless(struct finding *finding, const char *text);

/* The first process among the shares that satisfy `state` (SOCKET_STATE_COUNT: any), which holds the ports
 * or was recorded to have left them; -1: none, or it has less than a tenth of what they all have. Nobody is
 * blamed for what is only inferred. */
int64_t rule_culprit(const struct share *shares, size_t count, enum socket_state state);

/* A finding about one destination: subject, title, shares, culprit and the evidence all have. */
struct finding *rule_destination_finding(struct diagnosis *diagnosis, const struct rule *rule,
					 const struct destination *destination,
					 enum severity severity);
