#include "diagnosis/diagnosis.h"

#include "base/language.h"

const struct thresholds default_thresholds = { .warning_percent = 20, .critical_percent = 5 };

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
	const struct thresholds *thresholds = &diagnosis->thresholds;

	if (!room || room * 100 <= thresholds->critical_percent * eligible)
		return SEVERITY_CRITICAL;
	return room * 100 <= thresholds->warning_percent * eligible ? SEVERITY_WARNING :
								      SEVERITY_OK;
}

enum severity diagnosis_severity(const struct diagnosis *diagnosis,
				 const struct capacity *capacity)
{
	enum severity best = severity_of(diagnosis, capacity->room_max, capacity->eligible);
	enum severity worst = severity_of(diagnosis, capacity->room_min, capacity->eligible);

	return best == worst ? best : SEVERITY_UNKNOWN;
}
