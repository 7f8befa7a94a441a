#include "command/linux/events_counters.h"

#include "base/arena.h"
#include "base/language.h"
#include "command/events.h"
#include "diagnosis/event_groups.h"
#include "knowledge/counters.h"
#include "source/source.h"
#include "system/clock.h"

#include <stdlib.h>

static void choose_columns(struct events_counters *counting)
{
	for (const struct counter *counter = counters; counter->name; counter++)
		if (counting->column_count < EVENTS_COLUMNS)
			counting->columns[counting->column_count++] =
				(struct counter_column){ counter->group, counter->key };
}

static void take_counter(struct events_counters *counting, const struct netns *netns,
			 size_t column, int64_t moved, int64_t time_ms)
{
	struct event event = {
		.source = EVENT_COUNTER,
		.kind.counter = &counters[column],
		.count = (uint64_t)moved,
		.first_ms = time_ms,
		.last_ms = time_ms,
		.netns = netns->inode,
		.netns_name = netns->name,
	};

	event_groups_take(counting->groups, &event);
}

/* All that are not zero. */
static void take_counters(struct events_counters *counting)
{
	for (size_t i = 0; i < counting->snapshot.namespace_count; i++)
		for (size_t j = 0; j < counting->column_count; j++) {
			int64_t value = counting->values[i * counting->column_count + j];

			if (value > 0)
				take_counter(counting, &counting->snapshot.namespaces[i], j,
					     value, 0);
		}
}

/* What is not looked at: another machine's logs alone were asked for, or those of a process. */
static bool wants_counters(const struct events_counters *counting)
{
	return (!counting->request->journal || counting->request->common.request.root) &&
	       filter_is_empty(&counting->request->filter);
}

int events_counters_read(struct events_counters *counting, struct error *error)
{
	enum source_scope scope = counting->request->common.request.scope;

	if (counting->request->journal && !counting->request->common.request.root) {
		counting->why_not = _("--journal is read instead");
		return 0;
	}
	choose_columns(counting);
	if (counters_read(&counting->request->common.request, counting->columns,
			  counting->column_count, &counting->snapshot, &counting->values,
			  error)) {
		if (counting->request->common.request.root || scope == SCOPE_ONE ||
		    scope == SCOPE_HOST)
			return -1;
		counting->why_not = arena_copy(&counting->snapshot.arena, error->text);
		snapshot_add_gap(&counting->snapshot, GAP_SCOPE, -1, _("counters"),
				 error->text, NULL);
		return 0;
	}
	counting->counted = wants_counters(counting);
	if (counting->counted)
		take_counters(counting);
	else
		counting->why_not =
			_("a counter has no process, and processes were asked for");
	return 0;
}

static void compare(struct events_counters *counting, const struct snapshot *now,
		    const int64_t *values)
{
	int64_t time_ms = clock_now_ms();

	for (size_t i = 0; i < now->namespace_count; i++) {
		const struct netns *netns = &now->namespaces[i];
		uint32_t before = snapshot_find_netns(&counting->snapshot, netns->inode);

		for (size_t j = 0; j < counting->column_count; j++) {
			int64_t value = values[i * counting->column_count + j];
			int64_t old =
				before == UINT32_MAX ?
					0 :
					counting->values[before * counting->column_count + j];

			/* A namespace that is new has begun at zero. */
			if (value > old)
				take_counter(counting, netns, j, value - (old < 0 ? 0 : old),
					     time_ms);
		}
	}
}

void events_counters_look(struct events_counters *counting)
{
	struct snapshot now = { 0 };
	struct error error;
	int64_t *values;

	if (counters_read(&counting->request->common.request, counting->columns,
			  counting->column_count, &now, &values, &error)) {
		snapshot_free(&now);
		free(values);
		return;
	}
	compare(counting, &now, values);
	snapshot_free(&counting->snapshot);
	free(counting->values);
	counting->snapshot = now;
	counting->values = values;
}

void events_counters_free(struct events_counters *counting)
{
	snapshot_free(&counting->snapshot);
	free(counting->values);
}
