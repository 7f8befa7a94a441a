#include "diagnosis/diagnosis.h"

#include "base/language.h"

#include <math.h>

const struct policy default_policy = {
	.warning = { .first = 20, .last = INFINITY, .percent = true, .at_once = true },
	.critical = { .first = 5, .last = INFINITY, .percent = true, .at_once = true },
};

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_OK] = "ok",
		[SEVERITY_UNKNOWN] = "unknown",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_CRITICAL] = "critical",
	};

	return names[severity];
}

const char *severity_title(enum severity severity)
{
	static const char *const titles[] = {
		[SEVERITY_OK] = N_("OK"),
		[SEVERITY_UNKNOWN] = N_("UNKNOWN"),
		[SEVERITY_WARNING] = N_("WARNING"),
		[SEVERITY_CRITICAL] = N_("CRITICAL"),
	};

	return titles[severity];
}

static enum severity severity_of(const struct diagnosis *diagnosis, uint64_t room,
				 uint64_t eligible)
{
	const struct policy *policy = &diagnosis->policy;

	if (!room || threshold_alerts(&policy->critical, room, eligible))
		return SEVERITY_CRITICAL;
	return threshold_alerts(&policy->warning, room, eligible) ? SEVERITY_WARNING :
								    SEVERITY_OK;
}

/* A range has two ends: both may lie within the interval of room, so that its ends look alike. */
static bool alerts_within(const struct threshold *threshold, const struct capacity *capacity)
{
	enum { MOST_PORTS = 65536 };
	bool alerts = threshold_alerts(threshold, capacity->room_min, capacity->eligible);
	double edges[] = { threshold->first, threshold->last };

	for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
		double room =
			threshold->percent ? edges[i] * capacity->eligible / 100 : edges[i];

		/* What lies beyond every port is no edge within. */
		if (!(room > -2 && room < MOST_PORTS + 2))
			continue;
		for (int64_t at = (int64_t)room - 1; at <= (int64_t)room + 2; at++)
			if (at > capacity->room_min && at < capacity->room_max &&
			    threshold_alerts(threshold, (uint64_t)at, capacity->eligible) !=
				    alerts)
				return true;
	}
	return false;
}

enum severity diagnosis_severity(const struct diagnosis *diagnosis,
				 const struct capacity *capacity)
{
	enum severity best = severity_of(diagnosis, capacity->room_max, capacity->eligible);
	enum severity worst = severity_of(diagnosis, capacity->room_min, capacity->eligible);

	if (best != worst || alerts_within(&diagnosis->policy.critical, capacity) ||
	    (best != SEVERITY_CRITICAL && alerts_within(&diagnosis->policy.warning, capacity)))
		return SEVERITY_UNKNOWN;
	return best;
}
