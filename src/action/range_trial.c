#include "action/range_trial.h"

#include "base/language.h"

int range_trial_refuse_other(struct port_range after, int64_t left_ms, struct error *error)
{
	const int64_t left_s = (left_ms + 999) / 1000;

	return error_set(
		error,
		_("%u-%u is on trial here for another %lld s: confirm it or undo it first"),
		after.first, after.last, (long long)(left_s > 0 ? left_s : 0));
}

int range_trial_refuse_confirming(int64_t deadline_ms, int64_t left_ms,
				  struct port_range before, struct port_range after,
				  struct error *error)
{
	if (!deadline_ms)
		return error_set(error,
				 _("nothing waits to be confirmed: %u-%u is set for good"),
				 after.first, after.last);
	if (left_ms > 0)
		return 0;
	return error_set(error,
			 _("too late: the time of the trial is over, and %u-%u is or will be "
			   "set again"),
			 before.first, before.last);
}

void range_trial_tell(void (*tell)(const char *sentence), struct port_range before,
		      struct port_range after, int result, const struct error *error)
{
	struct error sentence;

	if (!result)
		error_set(&sentence,
			  _("%u-%u was not confirmed in time: the range is %u-%u again"),
			  after.first, after.last, before.first, before.last);
	else
		error_set(&sentence, _("%u-%u was not confirmed in time: %.400s"), after.first,
			  after.last, error->text);
	tell(sentence.text);
}
