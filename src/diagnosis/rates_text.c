#include "diagnosis/rates.h"

#include "base/language.h"
#include "diagnosis/churn.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/words.h"

const char *rates_span(struct diagnosis *diagnosis)
{
	double seconds = diagnosis->snapshot->sample.seconds;

	if (seconds < 0.95)
		return arena_print(&diagnosis->arena, _("%.1f s"), seconds);
	return words_duration(diagnosis, (uint64_t)(seconds + 0.5));
}

const char *rates_number(struct diagnosis *diagnosis, double per_s)
{
	return churn_rate(diagnosis, (unsigned)(per_s * 60 + 0.5));
}

static const char *opens_text(struct diagnosis *diagnosis, const struct rates *rates)
{
	const char *span = rates_span(diagnosis);

	if (rates->opens_per_s < 0)
		return arena_print(&diagnosis->arena, _("measured over %s"), span);
	if (!rates->opens_per_s && !rates->opens_at_least)
		return arena_print(&diagnosis->arena, _("measured over %s: nothing opened"),
				   span);
	return arena_print(&diagnosis->arena,
			   rates->opens_at_least ?
				   _("measured over %s: at least %s connections/s opened") :
				   _("measured over %s: %s connections/s opened"),
			   span, rates_number(diagnosis, rates->opens_per_s));
}

/* Whose calls failed: the one that had all of them, or nobody. */
static int64_t who_failed(const struct rates *rates)
{
	int64_t process = -1;

	for (size_t i = 0; i < rates->opener_count; i++) {
		if (!rates->openers[i].failed_calls)
			continue;
		if (process >= 0 || rates->openers[i].process < 0)
			return -1;
		process = rates->openers[i].process;
	}
	return process;
}

static const char *failed_text(struct diagnosis *diagnosis, const struct rates *rates)
{
	unsigned long calls = (unsigned long)rates->failed_calls;
	int64_t process = who_failed(rates);
	const char *count = words_count(diagnosis, calls);

	if (process < 0)
		return arena_print(&diagnosis->arena,
				   P_("%s call failed for want of a port",
				      "%s calls failed for want of a port", calls),
				   count);
	return arena_print(&diagnosis->arena,
			   P_("%s call of %s failed for want of a port",
			      "%s calls of %s failed for want of a port", calls),
			   count, words_process(diagnosis, process));
}

const char *rates_text(struct diagnosis *diagnosis, const struct rates *rates)
{
	struct arena *arena = &diagnosis->arena;
	const char *text;

	if (!diagnosis->before)
		return NULL;
	text = opens_text(diagnosis, rates);
	if (rates->failed_calls > 0)
		text = arena_print(arena, _("%s; %s"), text, failed_text(diagnosis, rates));
	if (rates->lost_per_s > 0)
		text = arena_print(arena, _("%s; %s ports/s fewer are left"), text,
				   rates_number(diagnosis, rates->lost_per_s));
	else if (rates->opens_per_s < 0 && !rates->lost_per_s)
		text = arena_print(arena, _("%s; no fewer ports are left"), text);
	else if (rates->opens_per_s > 0 && !rates->lost_per_s)
		text = arena_print(arena, _("%s; as many ports come back as are taken"), text);
	if (rates->full_in_s > 0)
		text = arena_print(arena, _("%s; full in %s if that goes on"), text,
				   words_duration(diagnosis, (uint64_t)rates->full_in_s));
	return text;
}
