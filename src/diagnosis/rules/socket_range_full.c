#include "base/language.h"
#include "diagnosis/remedy.h"

static bool connects_from(const struct destination *destination, uint32_t process)
{
	for (size_t i = 0; i < destination->share_count; i++)
		if (destination->shares[i].owner_kind == OWNER_PROCESS &&
		    destination->shares[i].process == process)
			return true;
	return false;
}

static void judge(const struct rule *rule, struct diagnosis *diagnosis, uint32_t index,
		  const struct destination *destination)
{
	const struct process *process = &diagnosis->snapshot->processes[index];
	struct port_range range =
		diagnosis->snapshot->namespaces[destination->netns].settings.range;
	struct capacity_query query = remedy_query(destination);
	struct capacity capacity;
	enum severity severity;
	struct finding *finding;

	query.own_range = process->own_range;
	capacity = capacity_of(diagnosis->namespaces[destination->netns].map, &query);
	severity = capacity.known ? diagnosis_severity(diagnosis, &capacity) : SEVERITY_OK;
	if (severity == SEVERITY_OK ||
	    severity == diagnosis_severity(diagnosis, &destination->capacity))
		return;
	range = port_range_clip(range, process->own_range);
	finding = rule_destination_finding(diagnosis, rule, destination, severity);
	finding->title = arena_print(&diagnosis->arena,
				     _("%s: %s in %s's own range %u-%u; others have %s"),
				     finding->subject, words_room(diagnosis, &capacity),
				     words_process(diagnosis, index), range.first, range.last,
				     words_ports(diagnosis, destination->capacity.room_min));
	finding->culprit = index;
	rule_add_evidence(finding, "range_first", range.first, NULL);
	rule_add_evidence(finding, "range_last", range.last, NULL);
	rule_add_evidence(finding, "range_room", capacity.room_max, "ports");
	finding->reason = arena_print(
		&diagnosis->arena,
		_("its sockets are confined by IP_LOCAL_PORT_RANGE to %s (seen on %u "
		  "of its connections)"),
		words_ports(diagnosis, capacity.eligible), process->ranged_sockets);
	rule_add_remedy(
		finding,
		(struct remedy){
			.text = _(
				"give the program a wider range of its own (IP_LOCAL_PORT_RANGE)"),
			.room_before = capacity.room_min,
			.room_after_min = destination->capacity.room_min,
			.room_after_max = destination->capacity.room_max,
		});
	rule_add_useless(
		finding,
		_("ip_local_port_range: the program's own range lies within it already"));
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;

	for (uint32_t p = 0; p < snapshot->process_count; p++) {
		const struct process *process = &snapshot->processes[p];

		/* Only if every connection looked at has the range: others may live without it. */
		if (!process->ranged_sockets ||
		    process->ranged_sockets < process->sampled_sockets)
			continue;
		for (size_t i = 0; i < diagnosis->destination_count; i++)
			if (connects_from(&diagnosis->destinations[i], p))
				judge(rule, diagnosis, p, &diagnosis->destinations[i]);
	}
}

const struct rule rule_socket_range_full = {
	.id = "socket_range_full",
	.title = N_("A program has used up the port range it gave itself"),
	.systems = RULE_LINUX,
	.check = check,
};
