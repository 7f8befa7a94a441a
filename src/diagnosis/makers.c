#include "diagnosis/makers.h"

#include "base/language.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/shares.h"
#include "diagnosis/usage.h"
#include "diagnosis/words.h"

enum { TIME_WAIT_MS = 60000 };

/* ---- seen open at a first look ---- */

/*
 * A ledger has every connection that was opened since. What it has not was open before, and two connections
 * with the same four numbers cannot be open at once: so the one that was seen open is the one that
 * rests. Without a ledger, or with one that has forgotten some, another may have come and gone.
 */
static enum owner_kind how_seen(const struct sample *sample)
{
	return sample->recorded && sample->complete ? OWNER_RECORDED : OWNER_INFERRED;
}

static void assign_seen(const struct diagnosis *diagnosis,
			const struct destination *destination, struct share_count *counting)
{
	const struct sample *sample = &diagnosis->snapshot->sample;
	const struct destination *before =
		diagnosis->before ? usage_find_before(diagnosis, destination) : NULL;

	for (size_t i = 0; before && i < before->holding_count; i++) {
		const struct holding *holding = &sample->before->holdings[before->holdings[i]];
		uint32_t now;

		if (holding->key.owner_kind != OWNER_PROCESS)
			continue;
		now = sample->process_now[holding->key.owner];
		if (now != UINT32_MAX)
			shares_assign(counting, how_seen(sample), now, &holding->ports);
	}
}

/* ---- the only one it can be ---- */

/* Connected there, or recorded to have left more there. */
static bool is_candidate(const struct share *share)
{
	return share->owner_kind == OWNER_PROCESS || share->owner_kind == OWNER_RECORDED;
}

/* -1: there is none, -2: there are several. */
static int64_t only_candidate(const struct share *shares, size_t count)
{
	int64_t only = -1;

	for (size_t i = 0; i < count; i++) {
		if (!is_candidate(&shares[i]) || only == (int64_t)shares[i].process)
			continue;
		if (only >= 0)
			return -2;
		only = shares[i].process;
	}
	return only;
}

/* How long ago the oldest of those without a maker came to rest. */
static unsigned oldest_ms(const struct diagnosis *diagnosis,
			  const struct destination *destination)
{
	unsigned oldest = 0;

	for (size_t i = 0; i < destination->holding_count; i++) {
		const struct holding *holding =
			&diagnosis->snapshot->holdings[destination->holdings[i]];
		unsigned age = holding->earliest_expiry_ms < TIME_WAIT_MS ?
				       TIME_WAIT_MS - holding->earliest_expiry_ms :
				       0;

		if (holding->key.state == SOCKET_TIME_WAIT &&
		    holding->key.owner_kind == OWNER_NOBODY && age > oldest)
			oldest = age;
	}
	return oldest;
}

/*
 * Start times are whole seconds, counted from a boot time that is one: they may be two too early. What was sent seldom has
 * any: there it goes by the connections alone.
 */
static bool was_there(const struct diagnosis *diagnosis, int64_t process, unsigned age_ms)
{
	int64_t start = diagnosis->snapshot->processes[process].start_time;

	if (evidence_was_sent(&diagnosis->snapshot->evidence) && start <= 0)
		return true;
	return start > 0 && start * 1000 + age_ms <= diagnosis->snapshot->time_ms;
}

void makers_settle(const struct diagnosis *diagnosis, const struct destination *destination,
		   struct share_count *counting)
{
	int64_t only;

	assign_seen(diagnosis, destination, counting);
	only = only_candidate(counting->shares, counting->count);
	if (only >= 0 && was_there(diagnosis, only, oldest_ms(diagnosis, destination)))
		shares_infer(counting, (uint32_t)only);
}

static const struct share *find_inferred(const struct destination *destination)
{
	for (size_t i = 0; i < destination->share_count; i++)
		if (destination->shares[i].owner_kind == OWNER_INFERRED)
			return &destination->shares[i];
	return NULL;
}

void makers_settle_pool(const struct diagnosis *diagnosis, const struct pool *pool,
			struct share_count *counting)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *destination = &diagnosis->destinations[i];
		const struct share *inferred = find_inferred(destination);

		if (!inferred || destination->source.family != pool->source.family)
			continue;
		for (size_t j = 0; j < destination->holding_count; j++) {
			const struct holding *holding =
				&diagnosis->snapshot->holdings[destination->holdings[j]];

			if (holding->key.state == SOCKET_TIME_WAIT)
				shares_assign(counting, OWNER_INFERRED, inferred->process,
					      &holding->ports);
		}
	}
}

/* ---- what follows ---- */

static unsigned resting(const struct destination *destination, enum owner_kind kind)
{
	unsigned ports = 0;

	for (size_t i = 0; i < destination->share_count; i++)
		if (destination->shares[i].state == SOCKET_TIME_WAIT &&
		    destination->shares[i].owner_kind == kind)
			ports += destination->shares[i].ports;
	return ports;
}

/* Of those that were recorded, such as came to rest during the sample. */
static unsigned fresh(const struct diagnosis *diagnosis, const struct destination *destination)
{
	unsigned entries = 0;

	for (size_t i = 0; i < destination->holding_count; i++) {
		const struct holding *holding =
			&diagnosis->snapshot->holdings[destination->holdings[i]];

		if (holding->key.owner_kind == OWNER_RECORDED)
			entries += holding->fresh;
	}
	return entries;
}

/* A sample sees some seconds of the minute that is there: if it went on like that all the minute, it is
 * explained. */
static bool is_explained(const struct diagnosis *diagnosis,
			 const struct destination *destination)
{
	unsigned all = destination->states[SOCKET_TIME_WAIT];
	double seconds = diagnosis->snapshot->sample.seconds;

	if (2 * resting(destination, OWNER_RECORDED) >= all)
		return true;
	return seconds > 0 &&
	       2 * fresh(diagnosis, destination) * (TIME_WAIT_MS / 1e3) >= seconds * all;
}

int64_t makers_culprit(const struct diagnosis *diagnosis,
		       const struct destination *destination)
{
	for (size_t i = 0; i < destination->share_count; i++) {
		const struct share *share = &destination->shares[i];

		if (share->state == SOCKET_TIME_WAIT && share->owner_kind == OWNER_RECORDED)
			return is_explained(diagnosis, destination) ? (int64_t)share->process :
								      -1;
	}
	return -1;
}

static bool is_recorded(const struct destination *destination, uint32_t process)
{
	for (size_t i = 0; i < destination->share_count; i++)
		if (destination->shares[i].owner_kind == OWNER_RECORDED &&
		    destination->shares[i].process == process)
			return true;
	return false;
}

const char *makers_text(struct diagnosis *diagnosis, const struct destination *destination)
{
	const struct share *inferred = find_inferred(destination);
	const char *who;

	if (inferred) {
		who = words_process(diagnosis, inferred->process);
		return is_recorded(destination, inferred->process) ?
			       arena_print(
				       &diagnosis->arena,
				       _("what was there before was likely made by %s too: "
					 "nobody else was seen to connect there"),
				       who) :
			       arena_print(&diagnosis->arena,
					   _("likely made by %s: nobody else is connected "
					     "there now"),
					   who);
	}
	if (resting(destination, OWNER_NOBODY) &&
	    only_candidate(destination->shares, destination->share_count) == -2)
		return _(
			"several processes were seen there: which of them made it is not known");
	return NULL;
}
