#include "view/view.h"

#include "base/json.h"
#include "diagnosis/diagnosis.h"
#include "view/evidence.h"
#include "view/trend.h"

#include <stdlib.h>

/* Ports a second that the owner holds more of in this state; null without a sample. */
static void write_growth(struct json *json, const struct snapshot *snapshot,
			 const struct share *share)
{
	if (share->compared && snapshot->sample.seconds > 0)
		json_ratio(json, "growth_per_s", share->growth / snapshot->sample.seconds);
	else
		json_null(json, "growth_per_s");
}

/* null where it was not measured. */
static void write_rate(struct json *json, const char *key, double per_s)
{
	if (per_s < 0)
		json_null(json, key);
	else
		json_ratio(json, key, per_s);
}

static void write_openers(struct json *json, const struct snapshot *snapshot,
			  const struct rates *rates)
{
	json_array(json, "openers");
	for (size_t i = 0; i < rates->opener_count; i++) {
		const struct opener *opener = &rates->openers[i];
		const struct process *process =
			opener->process < 0 ? NULL : &snapshot->processes[opener->process];

		json_row(json, NULL);
		view_json_pid(json, "pid", process);
		json_text(json, "name", process ? process->name : NULL);
		json_text(json, "unit", process ? process->unit : NULL);
		json_text(json, "container", process ? process->container : NULL);
		json_number(json, "opens", (int64_t)opener->opens);
		json_number(json, "rested", opener->rested);
		json_number(json, "failed_calls", (int64_t)opener->failed_calls);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_rates(struct json *json, const struct rates *rates)
{
	write_rate(json, "lost_per_s", rates->lost_per_s);
	json_known(json, "full_in_s", rates->full_in_s);
	json_known(json, "failed_calls", rates->failed_calls);
}

void view_json_shares(struct json *json, const struct snapshot *snapshot, const char *key,
		      const struct share *shares, size_t count)
{
	json_array(json, key);
	for (size_t i = 0; i < count; i++) {
		const struct share *share = &shares[i];
		const struct process *process = owner_is_process(share->owner_kind) ?
							&snapshot->processes[share->process] :
							NULL;

		json_row(json, NULL);
		if (share->from.family)
			view_json_address(json, "address", &share->from);
		view_json_pid(json, "pid", process);
		json_text(json, "name", process ? process->name : NULL);
		json_text(json, "user", process ? process->user_name : NULL);
		json_text(json, "unit", process ? process->unit : NULL);
		json_text(json, "container", process ? process->container : NULL);
		json_text(json, "state",
			  share->state == SOCKET_STATE_COUNT ?
				  NULL :
				  socket_state_name(share->state));
		json_number(json, "ports", share->ports);
		json_text(json, "how", owner_how(share->owner_kind));
		write_growth(json, snapshot, share);
		json_end_object(json);
	}
	json_end_array(json);
}

/* Known: used, capacity and room as numbers; an interval has null for room. */
static void write_capacity(struct json *json, const struct capacity *capacity)
{
	bool known = capacity->known;

	json_known(json, "used",
		   known ? (int64_t)capacity->eligible - capacity->room_max : -1);
	json_known(json, "capacity", known ? (int64_t)capacity->eligible : -1);
	json_known(json, "room", known && capacity->exact ? (int64_t)capacity->room_max : -1);
	json_known(json, "room_min", known ? (int64_t)capacity->room_min : -1);
	json_known(json, "room_max", known ? (int64_t)capacity->room_max : -1);
	json_bool(json, "exact", known && capacity->exact);
}

static void write_pools(struct json *json, const struct diagnosis *diagnosis)
{
	json_array(json, "pools");
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];
		bool tcp = pool->kind == CAPACITY_BIND;

		json_object(json, NULL);
		view_json_netns(json, "namespace", diagnosis->snapshot, pool->netns);
		json_text(json, "protocol", tcp ? "tcp" : "udp");
		json_text(json, "family",
			  pool->source.family == FAMILY_IPV6 ? "ipv6" : "ipv4");
		view_json_address(json, "source", &pool->source);
		write_capacity(json, &pool->capacity);
		view_json_shares(json, diagnosis->snapshot, "owners", pool->shares,
				 pool->share_count);
		write_rates(json, &pool->rates);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_destination(struct json *json, const struct snapshot *snapshot,
			      const struct destination *destination)
{
	const struct capacity *capacity = &destination->capacity;

	json_object(json, NULL);
	view_json_netns(json, "namespace", snapshot, destination->netns);
	json_text(json, "protocol", "tcp");
	view_json_address(json, "source", &destination->source);
	view_json_address(json, "destination", &destination->destination);
	json_number(json, "port", destination->port);
	write_capacity(json, capacity);
	json_known(json, "reusable", capacity->known ? (int64_t)capacity->reusable : -1);
	if (capacity->known && capacity->eligible)
		json_ratio(json, "used_ratio",
			   (double)(capacity->eligible - capacity->room_max) /
				   capacity->eligible);
	else
		json_null(json, "used_ratio");
	json_row(json, "states");
	for (int state = 0; state < SOCKET_STATE_COUNT; state++)
		if (destination->states[state])
			json_number(json, socket_state_name(state),
				    destination->states[state]);
	json_end_object(json);
	view_json_shares(json, snapshot, "owners", destination->shares,
			 destination->share_count);
	/* Rates need two looks: a single one cannot tell. */
	write_rate(json, "opens_per_s", destination->rates.opens_per_s);
	if (destination->rates.opens_per_s < 0)
		json_null(json, "opens_exact");
	else
		json_bool(json, "opens_exact", !destination->rates.opens_at_least);
	write_rate(json, "rests_per_s", destination->rates.rests_per_s);
	write_rates(json, &destination->rates);
	write_openers(json, snapshot, &destination->rates);
	json_end_object(json);
}

/* With the pid it names one process for ever. */
static void write_start_time(struct json *json, const struct process *process)
{
	char time[32];

	json_text(json, "start_time",
		  process->start_time <= 0 ? NULL :
					     view_time(time, process->start_time * 1000));
}

/* Looked up only for culprits of findings. */
static void write_package(struct json *json, const struct process *process)
{
	json_text(json, "package", process->package);
	json_text(json, "version", process->version);
	json_text(json, "vendor", process->vendor);
}

/* Ports per process and state, over all namespaces; those that it left in TIME_WAIT, too. */
static void write_processes(struct json *json, const struct snapshot *snapshot)
{
	unsigned(*ports)[SOCKET_STATE_COUNT] =
		memory_resize(NULL, snapshot->process_count, sizeof *ports);

	for (size_t i = 0; i < snapshot->process_count; i++)
		for (int state = 0; state < SOCKET_STATE_COUNT; state++)
			ports[i][state] = 0;
	for (size_t i = 0; i < snapshot->holding_count; i++) {
		const struct holding *holding = &snapshot->holdings[i];

		if (owner_is_process(holding->key.owner_kind))
			ports[holding->key.owner][holding->key.state] += holding->ports.count;
	}
	json_array(json, "processes");
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct process *process = &snapshot->processes[i];
		unsigned total = 0;

		for (int state = 0; state < SOCKET_STATE_COUNT; state++)
			total += ports[i][state];
		if (!total)
			continue;
		json_object(json, NULL);
		view_json_pid(json, "pid", process);
		json_bool(json, "ended", process->ended);
		write_start_time(json, process);
		json_text(json, "name", process->name);
		json_text(json, "exe", process->executable);
		json_text(json, "command_line", process->command_line);
		json_text(json, "runtime", process->runtime);
		write_package(json, process);
		json_text(json, "user", process->user_name);
		json_known(json, "user_id", process->user);
		json_text(json, "unit", process->unit);
		json_text(json, "container", process->container);
		json_text(json, "pod", process->pod);
		json_number(json, "ports", total);
		json_row(json, "states");
		for (int state = 0; state < SOCKET_STATE_COUNT; state++)
			if (ports[i][state])
				json_number(json, socket_state_name(state), ports[i][state]);
		json_end_object(json);
		json_known(json, "descriptors", process->descriptors);
		json_known(json, "descriptor_limit", process->descriptor_limit);
		json_end_object(json);
	}
	json_end_array(json);
	free(ports);
}

static void write_culprit(struct json *json, const struct snapshot *snapshot, int64_t culprit)
{
	const struct process *process;

	if (culprit < 0) {
		json_null(json, "culprit");
		return;
	}
	process = &snapshot->processes[culprit];
	json_row(json, "culprit");
	view_json_pid(json, "pid", process);
	json_bool(json, "ended", process->ended);
	write_start_time(json, process);
	json_text(json, "name", process->name);
	json_text(json, "exe", process->executable);
	json_text(json, "runtime", process->runtime);
	write_package(json, process);
	json_text(json, "user", process->user_name);
	json_text(json, "unit", process->unit);
	json_text(json, "container", process->container);
	json_text(json, "pod", process->pod);
	json_end_object(json);
}

/* What it rests on, and how strong that is; null on a live machine that has no log to tell of. */
static void write_sources(struct json *json, const struct snapshot *snapshot,
			  const struct finding *finding)
{
	if (!snapshot->evidence.artefact_count) {
		json_null(json, "strength");
		json_null(json, "sources");
		return;
	}
	json_text(json, "strength", strength_name(finding->strength));
	json_array(json, "sources");
	for (size_t i = 0; i < finding->source_count; i++)
		if (!evidence_file_is_among(&snapshot->evidence, finding->sources[i],
					    finding->sources, i))
			json_text(json, NULL,
				  snapshot->evidence.artefacts[finding->sources[i]].file);
	json_end_array(json);
}

static void write_finding(struct json *json, const struct snapshot *snapshot,
			  const struct finding *finding)
{
	json_object(json, NULL);
	json_text(json, "rule", finding->rule);
	json_text(json, "severity", severity_name(finding->severity));
	view_json_netns(json, "namespace", snapshot, finding->netns);
	json_text(json, "subject", finding->subject);
	json_text(json, "title", finding->title);
	write_culprit(json, snapshot, finding->culprit);
	view_json_shares(json, snapshot, "owners", finding->shares, finding->share_count);
	json_array(json, "evidence");
	for (size_t i = 0; i < finding->evidence_count; i++) {
		json_row(json, NULL);
		json_text(json, "name", finding->evidence[i].name);
		json_number(json, "value", finding->evidence[i].value);
		json_text(json, "unit", finding->evidence[i].unit);
		json_end_object(json);
	}
	json_end_array(json);
	json_text(json, "reason", finding->reason);
	json_text(json, "forecast", finding->forecast);
	json_array(json, "remedies");
	for (size_t i = 0; i < finding->remedy_count; i++) {
		const struct remedy *remedy = &finding->remedies[i];

		json_object(json, NULL);
		json_text(json, "text", remedy->text);
		json_text(json, "directive", remedy->directive);
		json_text(json, "command", remedy->command);
		json_known(json, "room_before", remedy->room_before);
		json_known(json, "room_after",
			   remedy->room_after_min == remedy->room_after_max ?
				   remedy->room_after_min :
				   -1);
		json_known(json, "room_after_min", remedy->room_after_min);
		json_known(json, "room_after_max", remedy->room_after_max);
		json_text(json, "lasts", remedy->lasts);
		json_known(json, "lasts_s", remedy->lasts_s);
		json_text(json, "risk", remedy->risk);
		json_end_object(json);
	}
	json_end_array(json);
	json_array(json, "useless");
	for (size_t i = 0; i < finding->useless_count; i++)
		json_text(json, NULL, finding->useless[i]);
	json_end_array(json);
	write_sources(json, snapshot, finding);
	json_end_object(json);
}

static void write_findings(struct json *json, const struct snapshot *snapshot, const char *key,
			   const struct finding *findings, size_t count)
{
	json_array(json, key);
	for (size_t i = 0; i < count; i++)
		write_finding(json, snapshot, &findings[i]);
	json_end_array(json);
}

/* null where the machine was looked at once only. */
static void write_sample(struct json *json, const struct snapshot *snapshot)
{
	const struct sample *sample = &snapshot->sample;

	if (sample->seconds <= 0) {
		json_null(json, "sample");
		return;
	}
	json_row(json, "sample");
	json_ratio(json, "seconds", sample->seconds);
	json_bool(json, "recorded", sample->recorded);
	json_number(json, "lost", (int64_t)sample->lost);
	json_end_object(json);
}

void check_json(const struct diagnosis *diagnosis, const struct view_style *style)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	struct json json = { .out = style->out, .pretty = true };

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.check/1");
	view_json_time(&json, "time", snapshot->time_ms);
	view_json_host(&json, snapshot);
	json_text(&json, "verdict", severity_name(diagnosis->verdict));
	json_text(&json, "headline", diagnosis->headline);
	write_sample(&json, snapshot);
	view_json_namespaces(&json, snapshot);
	view_json_ranges(&json, snapshot);
	write_pools(&json, diagnosis);
	json_array(&json, "destinations");
	for (size_t i = 0; i < diagnosis->destination_count && i < style->limit; i++)
		write_destination(&json, snapshot, &diagnosis->destinations[i]);
	json_end_array(&json);
	view_json_nat(&json, diagnosis, style->limit);
	write_processes(&json, snapshot);
	write_findings(&json, snapshot, "findings", diagnosis->findings,
		       diagnosis->finding_count);
	write_findings(&json, snapshot, "ignored", diagnosis->ignored,
		       diagnosis->ignored_count);
	write_findings(&json, snapshot, "remarks", diagnosis->remarks,
		       diagnosis->remark_count);
	evidence_json(&json, diagnosis);
	trend_json(&json, diagnosis);
	view_json_gaps(&json, snapshot);
	view_json_sources(&json, snapshot);
	json_end_object(&json);
}
