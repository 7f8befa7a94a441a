#include "source/linux/watch/watch.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/linux/netns/settings.h"
#include "source/linux/reading.h"
#include "source/linux/watch/flow_count.h"
#include "source/linux/watch/ledger.h"
#include "source/linux/watch/ledger_maker.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/*
 * The entries are counted several times a second, since a busy machine opens more connections in a long sample than
 * a ledger remembers.
 */
enum { COUNT_EVERY_MS = 250 };

/* As ledger_state.overwritten has it. */
enum { YOUNG_MS = 60000 };

struct watch {
	struct ledger *ledger; /* NULL: see why_not */
	bool joined;	       /* it is a recorder's */
	const char *why_not;
	struct error cause; /* what why_not may point to */
	double milliseconds;

	bool counting;
	double began_ms, ended_ms; /* as reading_now_ms() */
	struct flow_counts counts;
	uint64_t lost;	      /* could not be counted */
	uint64_t overwritten; /* by the ledger, before the counting began */
};

/* ---- the ledger ---- */

static void join(struct watch *watch)
{
	if (!ledger_is_pinned(ledger_folder())) {
		watch->why_not = _("no recorder runs here");
		return;
	}
	watch->ledger = ledger_adopt(ledger_folder(), &watch->cause);
	watch->joined = watch->ledger;
	watch->why_not = watch->cause.text;
}

static void begin_own(struct watch *watch)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int64_t entries = proc < 0 ? -1 : settings_tcp_entries(proc);

	if (proc >= 0)
		close(proc);
	watch->ledger = ledger_open(ledger_entries_for(entries), &watch->cause);
	watch->why_not = watch->cause.text;
}

static struct watch *watch_new(const struct source_request *request)
{
	struct watch *watch = memory_zeroed(1, sizeof *watch);
	double start = reading_now_ms();

	if (request->root)
		watch->why_not = _("a copied /proc is read instead");
	else if (request->no_bpf)
		watch->why_not = "--no-bpf";
	else
		join(watch);
	if (!watch->ledger && request->sample_ms && !request->no_bpf)
		begin_own(watch);
	watch->milliseconds = reading_now_ms() - start;
	return watch;
}

struct watch *watch_join(const struct source_request *request)
{
	return watch_new(request);
}

struct watch *watch_nothing(void)
{
	return memory_zeroed(1, sizeof(struct watch));
}

void watch_end(struct watch *watch)
{
	ledger_close(watch->ledger);
	flow_counts_free(&watch->counts);
	free(watch);
}

/* ---- counting ---- */

static void take_entry(void *context, const struct ledger_entry *entry, bool turned)
{
	struct watch *watch = context;

	flow_counts_add(&watch->counts, entry, turned);
}

static void count(struct watch *watch)
{
	double start = reading_now_ms();

	if (watch->ledger)
		watch->lost += ledger_collect(watch->ledger, take_entry, watch);
	watch->milliseconds += reading_now_ms() - start;
}

struct watch *watch_begin(const struct source_request *request)
{
	struct watch *watch = watch_new(request);

	if (watch->joined) {
		watch->overwritten = ledger_state_of(watch->ledger).overwritten;
		ledger_skip(watch->ledger);
	}
	watch->counting = true;
	watch->began_ms = reading_now_ms();
	return watch;
}

void watch_until(struct watch *watch, unsigned milliseconds)
{
	double left = watch->began_ms + milliseconds - reading_now_ms();

	/* At least once: the look before may have taken all the time. */
	do {
		unsigned pause = left > COUNT_EVERY_MS ? COUNT_EVERY_MS :
				 left > 0	       ? (unsigned)left + 1 :
							 0;
		struct timespec wait = { pause / 1000, pause % 1000 * 1000000 };

		nanosleep(&wait, NULL);
		count(watch);
		left = watch->began_ms + milliseconds - reading_now_ms();
	} while (left > 0);
	watch->ended_ms = reading_now_ms();
}

/* ---- telling ---- */

void watch_lend(struct watch *watch, struct reading *reading)
{
	reading->ledger = watch->ledger;
	reading->sample_began_ms = watch->began_ms;
	reading->sample_ended_ms = watch->ended_ms;
	reading->recorded.used = watch->ledger;
	reading->recorded.why_not = arena_copy(&reading->snapshot->arena, watch->why_not);
}

static void tell_flow(struct reading *reading, const struct flow_count *count)
{
	const struct ledger_entry *entry = &count->like;
	struct sample *sample = &reading->snapshot->sample;
	struct ledger_maker_key maker = { entry->process, entry->began };
	uint32_t netns = snapshot_find_netns(reading->snapshot, entry->netns), process;
	struct sample_flow *flow;

	if (netns == UINT32_MAX)
		return;
	process = ledger_maker_process(reading, &maker);
	array_reserve(sample->flows, sample->flow_count, sample->flow_capacity);
	flow = &sample->flows[sample->flow_count++];
	*flow = (struct sample_flow){
		.netns = netns,
		.protocol = PROTOCOL_TCP,
		.local = ledger_address(entry, entry->local),
		.remote = ledger_address(entry, entry->remote),
		.remote_port = entry->remote_port,
		.process = process == UINT32_MAX ? -1 : (int64_t)process,
		.opens = count->opens,
		.failed_calls = count->failed, /* of connect() alone */
	};
}

static void add_gap(struct snapshot *snapshot, uint64_t entries, const char *what)
{
	snapshot_add_gap(
		snapshot, GAP_OWNERS, -1,
		arena_print(&snapshot->arena, what, (unsigned long long)entries),
		_("more connections are opened in a minute than the ledger has room for"),
		NULL);
}

static void tell_ledger(struct watch *watch, struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;
	struct ledger_state state = ledger_state_of(watch->ledger);

	if (watch->counting)
		state.overwritten -= watch->overwritten;
	if (state.overwritten)
		add_gap(snapshot, state.overwritten,
			watch->counting ?
				P_("who opened %llu connection during the sample",
				   "who opened %llu connections during the sample",
				   state.overwritten) :
				P_("who opened %llu connection since the ledger was begun",
				   "who opened %llu connections since the ledger was begun",
				   state.overwritten));
	if (!watch->counting)
		return;
	for (size_t i = 0; i < watch->counts.size; i++)
		if (watch->counts.places[i].opens || watch->counts.places[i].failed)
			tell_flow(reading, &watch->counts.places[i]);
	snapshot->sample.recorded = snapshot->sample.failures_watched = true;
	/* Only young entries that gave place are counted. */
	snapshot->sample.complete =
		!state.overwritten && watch->ended_ms - watch->began_ms <= YOUNG_MS;
	snapshot->sample.lost = watch->lost;
	if (watch->lost)
		add_gap(snapshot, watch->lost,
			P_("%llu connection that was opened meanwhile",
			   "%llu connections that were opened meanwhile", watch->lost));
}

void watch_tell(struct watch *watch, struct reading *reading)
{
	double start = reading_now_ms();

	if (watch->counting)
		reading->snapshot->sample.seconds = (watch->ended_ms - watch->began_ms) / 1e3;
	if (watch->ledger)
		tell_ledger(watch, reading);
	reading->recorded.milliseconds = watch->milliseconds + reading_now_ms() - start;
}
