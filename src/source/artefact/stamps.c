#include "source/artefact/stamps.h"

#include "source/artefact/dossier.h"
#include "source/artefact/series.h"
#include "source/artefact/text/calendar.h"

#include <string.h>

static bool read_stamp(const char *text, struct stamp *stamp)
{
	struct span where;

	return text && stamp_find((struct span){ text, strlen(text) }, stamp, &where);
}

/* A point of the file that is read which has a stamp and no time; NULL: it is another. */
static struct series_point *wanted_point(struct dossier *dossier, size_t at,
					 struct stamp *stamp)
{
	struct series_point *point = series_point_at(dossier, at);
	const struct artefact *artefacts = dossier->snapshot->evidence.artefacts;

	if (point->time_ms || artefacts[point->artefact].file != dossier->file ||
	    !read_stamp(point->stamp, stamp))
		return NULL;
	return point;
}

static void give_times(struct dossier *dossier, enum stamp_order order)
{
	struct stamp stamp;

	for (size_t i = 0; i < series_point_count(dossier); i++) {
		struct series_point *point = wanted_point(dossier, i, &stamp);

		if (point && stamp_ms(&stamp, order, &point->time_ms))
			point->time_is_local = !stamp.zone_known;
	}
	for (size_t i = 0; i < dossier->table_count; i++) {
		struct dossier_table *table = &dossier->tables[i];
		const char *file = dossier->snapshot->evidence.artefacts[table->artefact].file;

		if (!table->time_ms && file == dossier->file &&
		    read_stamp(table->stamp, &stamp) &&
		    stamp_ms(&stamp, order, &table->time_ms))
			table->time_is_local = !stamp.zone_known;
	}
}

/* By the clock alone: behind midnight it begins anew. */
static void give_distances(struct dossier *dossier)
{
	enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };
	int64_t since_ms = 0;
	int32_t latest_ms = -1;
	struct stamp stamp;

	for (size_t i = 0; i < series_point_count(dossier); i++) {
		struct series_point *point = wanted_point(dossier, i, &stamp);
		int32_t step_ms;

		if (!point)
			continue;
		step_ms = latest_ms < 0 ? 0 : stamp.day_ms - latest_ms;
		if (step_ms < -2 * HOUR_MS)
			step_ms += DAY_MS;
		since_ms += step_ms > 0 ? step_ms : 0;
		latest_ms = stamp.day_ms;
		point->since_ms = since_ms;
	}
}

void stamps_settle(struct dossier *dossier)
{
	struct calendar calendar;
	enum stamp_order order;
	struct stamp stamp;

	calendar_begin(&calendar);
	for (size_t i = 0; i < series_point_count(dossier); i++)
		if (wanted_point(dossier, i, &stamp))
			calendar_add(&calendar, &stamp);
	order = calendar_order(&calendar, dossier->modified_ms);
	if (order != STAMP_ORDERS)
		give_times(dossier, order);
	else if (calendar.count && calendar.all_have_times && calendar.one_date)
		give_distances(dossier);
}
