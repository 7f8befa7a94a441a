#include "diagnosis/remedy.h"

#include "base/language.h"
#include "diagnosis/churn.h"
#include "diagnosis/pace.h"
#include "diagnosis/rates.h"

struct capacity_query remedy_query(const struct destination *destination)
{
	return (struct capacity_query){
		.kind = CAPACITY_CONNECT,
		.netns = destination->netns,
		.source = destination->source,
		.destination = destination->destination,
		.port = destination->port,
		.device = destination->device,
	};
}

struct capacity remedy_capacity(struct diagnosis *diagnosis,
				const struct capacity_query *query,
				const struct capacity_change *change)
{
	struct port_map *map = port_map_new(diagnosis->snapshot, query->netns, change);
	struct capacity capacity = capacity_of(map, query);

	port_map_free(map);
	return capacity;
}

/* How long a remedy helps that does not end the cause, at the culprit's pace so far. */
static const char *how_long(struct diagnosis *diagnosis, const struct finding *finding,
			    const struct remedy *remedy)
{
	int64_t won = remedy->room_after_min - remedy->room_before;
	int64_t seconds = pace_seconds(diagnosis, finding, won);
	int64_t resting = pace_resting_ports(finding);
	bool measured = finding->rates && finding->rates->rests_per_s > 0;

	/* On Windows nobody told how long a port rests. */
	if (resting > 0 && diagnosis->snapshot->windows)
		return remedy->lasts;
	if (resting > 0)
		return arena_print(
			&diagnosis->arena,
			_("as long as no more than %s connections/s are closed from this side; "
			  "now it is about %s/s"),
			churn_rate(diagnosis, (unsigned)(won + resting)),
			measured ? rates_number(diagnosis, finding->rates->rests_per_s) :
				   churn_rate(diagnosis, (unsigned)resting));
	if (seconds < 0)
		return remedy->lasts;
	return arena_print(&diagnosis->arena,
			   pace_is_measured(diagnosis, finding) ?
				   _("%s; at the pace measured that is %s") :
				   _("%s; at its average pace so far that is %s"),
			   remedy->lasts, words_duration(diagnosis, (uint64_t)seconds));
}

/* Adds the remedy with the room before and after the change. */
void remedy_add_with_room(struct diagnosis *diagnosis, struct finding *finding,
			  const struct capacity_query *query,
			  const struct capacity_change *change, struct remedy remedy)
{
	struct capacity before = { 0 }, after = { 0 };

	if (diagnosis->finding_count <= FINDINGS_MODELLED) {
		before = remedy_capacity(diagnosis, query, NULL);
		after = remedy_capacity(diagnosis, query, change);
	}
	remedy.room_before = before.known ? (int64_t)before.room_min : -1;
	remedy.room_after_min = after.known ? (int64_t)after.room_min : -1;
	remedy.room_after_max = after.known ? (int64_t)after.room_max : -1;
	/* What brings nothing is no remedy. */
	if (after.known && before.known && after.room_max <= before.room_min)
		return;
	if (remedy.lasts && after.known && before.known) {
		remedy.lasts_s = pace_seconds(diagnosis, finding,
					      remedy.room_after_min - remedy.room_before);
		remedy.lasts = how_long(diagnosis, finding, &remedy);
	}
	rule_add_remedy(finding, remedy);
}

struct remedy remedy_aside(const char *text, const char *command)
{
	return (struct remedy){
		.text = text,
		.command = command,
		.room_before = -1,
		.room_after_min = -1,
		.room_after_max = -1,
	};
}

/* Where nobody is to blame, whoever has most of the ports is who has to change something. */
const char *remedy_directive(struct diagnosis *diagnosis, const struct finding *finding,
			     enum advice_kind kind)
{
	int64_t index = finding->culprit >= 0 ?
				finding->culprit :
				rule_culprit(finding->shares, finding->share_count,
					     SOCKET_STATE_COUNT);
	const struct process *process;
	const char *advice, *more = NULL;

	if (index < 0)
		return NULL;
	process = &diagnosis->snapshot->processes[index];
	advice = program_advice(process->executable, process->name, process->runtime, kind);
	if (!advice)
		return NULL;
	/* A source address that is bound without it takes every port from all others. */
	if (kind == ADVICE_SOURCE)
		more = program_advice(process->executable, process->name, process->runtime,
				      ADVICE_BIND_NO_PORT);
	return more ? arena_print(&diagnosis->arena, _("%s. %s"), _(advice), _(more)) :
		      _(advice);
}

void remedy_mend(struct finding *finding, const char *text, unsigned room_before)
{
	rule_add_remedy(finding, (struct remedy){
					 .text = text,
					 .room_before = room_before,
					 .room_after_min = -1,
					 .room_after_max = -1,
				 });
}

void remedy_advise(struct diagnosis *diagnosis, struct finding *finding, enum advice_kind kind,
		   const char *text, unsigned room_before)
{
	struct remedy remedy = remedy_aside(text, NULL);

	remedy.directive = remedy_directive(diagnosis, finding, kind);
	remedy.room_before = room_before;
	rule_add_remedy(finding, remedy);
}

void remedy_useless(struct finding *finding, const struct destination *destination)
{
	if (destination->states[SOCKET_TIME_WAIT]) {
		rule_add_useless(finding,
				 _("tcp_fin_timeout: does not change TIME_WAIT, which is 60 s "
				   "on Linux"));
		rule_add_useless(finding, _("tcp_tw_recycle: removed in Linux 4.12"));
		rule_add_useless(finding,
				 _("a lower tcp_max_tw_buckets: takes the protection of "
				   "TIME_WAIT away from every connection"));
	} else {
		rule_add_useless(finding,
				 _("tcp_tw_reuse: none of these ports is in TIME_WAIT"));
	}
	rule_add_useless(
		finding,
		_("SO_REUSEADDR, SO_REUSEPORT: do not change what connect() may use"));
}
