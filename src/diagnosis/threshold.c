#include "diagnosis/threshold.h"

#include "base/error.h"
#include "base/language.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(const char *option, const char *text, struct error *error)
{
	return error_set(error,
			 _("%s '%s' is no threshold; write 20%% or 500 for less than that "
			   "left, or a range such as 10:, @0:50 or 5%%:100%%"),
			 option, text);
}

/* One end of a range, "20" or "20%"; what follows it is returned, NULL if it is none. */
static const char *take_number(const char *text, double *number, bool *percent)
{
	char *end;

	if (*text < '0' || *text > '9')
		return NULL;
	*number = strtod(text, &end);
	/* Far beyond every number of ports. */
	if (strspn(text, "0123456789.") != (size_t)(end - text) || *number > 1e9)
		return NULL;
	*percent |= *end == '%';
	return end + (*end == '%');
}

int threshold_parse(struct threshold *threshold, const char *option, const char *text,
		    struct error *error)
{
	struct threshold parsed = { .first = 0, .last = INFINITY };
	const char *at = text;

	parsed.inside = *at == '@';
	at += parsed.inside;
	if (*at == '~') {
		parsed.first = -INFINITY;
		at++;
	} else if (*at != ':') {
		at = take_number(at, &parsed.first, &parsed.percent);
	}
	if (at && *at == ':' && at[1])
		at = take_number(at + 1, &parsed.last, &parsed.percent);
	else if (at && *at == ':')
		at++;
	else if (parsed.first < 0)
		at = NULL;
	if (!at || *at || parsed.first > parsed.last)
		return refuse(option, text, error);
	if (parsed.percent &&
	    (parsed.first > 100 || (isfinite(parsed.last) && parsed.last > 100)))
		return refuse(option, text, error);
	*threshold = parsed;
	return 0;
}

static double in_ports(const struct threshold *threshold, double bound, uint64_t eligible)
{
	return threshold->percent ? bound * (double)eligible / 100 : bound;
}

bool threshold_alerts(const struct threshold *threshold, uint64_t room, uint64_t eligible)
{
	double first = in_ports(threshold, threshold->first, eligible);
	double last = in_ports(threshold, threshold->last, eligible);
	double value = (double)room;
	bool within = value >= first && value <= last;

	if (threshold->at_once && value <= first)
		return true;
	return threshold->inside ? within : !within;
}

/* Room is a whole number, so the least that does not alert is one, too. */
static double least_good(const struct threshold *threshold, uint64_t eligible)
{
	double first = in_ports(threshold, threshold->first, eligible);

	return (double)(int64_t)first + (threshold->at_once || first > (double)(int64_t)first);
}

void threshold_print(const struct threshold *threshold, uint64_t eligible, char *buffer,
		     size_t size)
{
	double last = in_ports(threshold, threshold->last, eligible);
	char first[32] = "~", end[32] = "";

	if (isfinite(last))
		last = (double)(int64_t)last;
	/* No whole number lies in it: inside is never, outside is always. */
	if (least_good(threshold, eligible) > last) {
		snprintf(buffer, size, "%s", threshold->inside ? "" : "@0:");
		return;
	}
	if (isfinite(threshold->first))
		snprintf(first, sizeof first, "%.0f", least_good(threshold, eligible));
	if (isfinite(last))
		snprintf(end, sizeof end, "%.0f", last);
	snprintf(buffer, size, "%s%s:%s", threshold->inside ? "@" : "", first, end);
}
