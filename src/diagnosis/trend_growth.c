#include "diagnosis/trend_growth.h"

#include <stdlib.h>

enum { FEWEST_POINTS = 6, LEAST_PORTS = 16 };

size_t growth_run(const struct growth *growth)
{
	size_t begin = 0;

	for (size_t i = 1; i < growth->count; i++)
		if (growth->values[i - 1] >= LEAST_PORTS &&
		    growth->values[i] <= growth->values[i - 1] / 2)
			begin = i;
	return begin;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* The median of the slopes between points that are half of them apart; how many go up. */
static double usual_slope(const struct growth *growth, size_t begin, double *slopes,
			  size_t *count, size_t *up)
{
	size_t half = (growth->count - begin) / 2;

	*count = *up = 0;
	for (size_t i = begin; half && i + half < growth->count; i++) {
		double ms = (double)(growth->at_ms[i + half] - growth->at_ms[i]);

		if (ms <= 0)
			continue;
		slopes[*count] = ((double)growth->values[i + half] - growth->values[i]) / ms;
		*up += slopes[(*count)++] > 0;
	}
	if (!*count)
		return 0;
	qsort(slopes, *count, sizeof *slopes, by_size);
	return slopes[*count / 2];
}

bool growth_slope(const struct growth *growth, size_t begin, double *slopes, double *per_ms)
{
	size_t points = growth->count - begin, count, up, late_count, late_up;
	double late, span_ms;

	*per_ms = points > 1 ? usual_slope(growth, begin, slopes, &count, &up) : 0;
	if (points < FEWEST_POINTS || !count || 10 * up < 9 * count)
		return false;
	span_ms = (double)(growth->at_ms[growth->count - 1] - growth->at_ms[begin]);
	if (*per_ms * span_ms < LEAST_PORTS)
		return false;
	/* What has filled its pool of connections and then keeps them does not grow any more. */
	late = usual_slope(growth, begin + points / 2, slopes, &late_count, &late_up);
	return late_count && 4 * late >= *per_ms;
}
