#include "source/windows/sockets/tables_route.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/windows/reading.h"
#include "source/windows/sockets/tables.h"
#include "source/windows/watch/ledger.h"
#include "source/windows/watch/sample.h"
#include "system/clock.h"

/*
 * Windows has no place where each connect() can be seen without administrator rights and a trace, so its tables are looked at
 * again and again. A connection that is opened and closed between two looks has an owner only if its process was seen
 * with it: so the rates are such "at least", and a gap says so.
 */
enum { LOOK_EVERY_MS = 250 };

/* What the tables have now, for the ledger; what could not be read is told by the looks before and after. */
static void look_between(struct ledger *ledger)
{
	struct snapshot nothing = { 0 };
	struct rows rows = { NULL };
	struct tables_route route;
	double began = clock_monotonic_s();

	tables_find(&route);
	tables_read(&route, true, &rows, &nothing);
	ledger_note(ledger, &rows, (began + clock_monotonic_s()) / 2);
	rows_free(&rows);
	snapshot_free(&nothing);
}

/* Never longer than was asked for: a look that would not be over by then is left out. */
static void watch_until(struct ledger *ledger, int64_t until_ms)
{
	int64_t took = 0, left;

	while ((left = until_ms - clock_monotonic_ms()) > 0) {
		int64_t began;

		clock_rest_ms((uint64_t)(left < LOOK_EVERY_MS ? left : LOOK_EVERY_MS));
		began = clock_monotonic_ms();
		if (until_ms - began <= took)
			continue;
		look_between(ledger);
		took = clock_monotonic_ms() - began;
	}
}

int sample_read(const struct source_request *request, struct snapshot *snapshot,
		struct error *error)
{
	struct snapshot *before = memory_zeroed(1, sizeof *before);
	struct source_request first = *request, second = *request;
	struct ledger ledger = { 0 };
	int64_t began = clock_monotonic_ms();
	int result;

	first.route = NULL;
	first.logs = false; /* it has the same at the second look */
	result = reading_do(&first, &ledger, before, error);
	*snapshot = (struct snapshot){ 0 };
	if (!result) {
		watch_until(&ledger, began + request->sample_ms);
		formers_begin(&ledger.formers, before);
		second.known = before->windows;
		result = reading_do(&second, &ledger, snapshot, error);
	}
	snapshot->sample.before = before;
	snapshot->sample.process_now = ledger.formers.now;
	if (!result)
		snapshot->sample.seconds = ledger.seconds;
	ledger_free(&ledger);
	return result;
}
