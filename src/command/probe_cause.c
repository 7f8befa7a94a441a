#include "base/language.h"
#include "base/text.h"
#include "command/probe.h"
#include "command/probe_words.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/usage.h"

#include <string.h>

const char *probe_title(enum probe_outcome outcome)
{
	static const char *const titles[PROBE_OUTCOME_COUNT] = {
		[PROBE_CONNECTED] = N_("connected"),
		[PROBE_SENT] = N_("sent"),
		[PROBE_REFUSED] = N_("refused"),
		[PROBE_RESET] = N_("reset"),
		[PROBE_TIMED_OUT] = N_("timed out"),
		[PROBE_UNREACHABLE] = N_("unreachable"),
		[PROBE_NO_NAME] = N_("no such name"),
		[PROBE_NAME_FAILED] = N_("name not resolved"),
		[PROBE_NAME_TIMED_OUT] = N_("name timed out"),
		[PROBE_NO_PORT] = N_("no local port"),
		[PROBE_CLASH] = N_("port in use"),
		[PROBE_NO_DESCRIPTOR] = N_("no descriptor"),
		[PROBE_NO_MEMORY] = N_("no memory"),
		[PROBE_FORBIDDEN] = N_("forbidden"),
		[PROBE_NOT_OURS] = N_("not our address"),
		[PROBE_FAILED] = N_("failed"),
	};

	return _(titles[outcome]);
}

static bool look(const struct probe_machine *machine, struct probe_look *look,
		 enum source_scope scope)
{
	struct source_request request = machine->request;
	struct error error;

	if (look->read)
		return look->known;
	look->read = true;
	request.scope = scope;
	request.nat = true;
	look->known = !source_read(&request, &look->snapshot, &error);
	if (look->known)
		diagnosis_make(&look->diagnosis, &look->snapshot, &default_policy);
	return look->known;
}

static void look_free(struct probe_look *look)
{
	if (look->known)
		diagnosis_free(&look->diagnosis);
	snapshot_free(&look->snapshot);
}

void probe_machine_free(struct probe_machine *machine)
{
	look_free(&machine->near);
	look_free(&machine->wide);
	arena_free(&machine->arena);
}

/* ---- no port: the room, and who has it ---- */

static void take_holder(struct probe_machine *machine, struct probe_cause *cause,
			const struct share *shares, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (shares[i].owner_kind == OWNER_PROCESS ||
		    shares[i].owner_kind == OWNER_RECORDED ||
		    shares[i].owner_kind == OWNER_INFERRED) {
			cause->holder = &machine->near.snapshot.processes[shares[i].process];
			cause->held = shares[i].ports;
			return;
		}
}

static void explain_udp_port(struct probe_machine *machine,
			     const struct probe_attempt *attempt, struct probe_cause *cause)
{
	for (size_t i = 0; i < machine->near.diagnosis.pool_count; i++) {
		const struct pool *pool = &machine->near.diagnosis.pools[i];

		if (pool->netns || pool->kind != CAPACITY_UDP_CONNECT ||
		    !pool->capacity.known ||
		    pool->source.family != attempt->destination.family)
			continue;
		cause->room = pool->capacity.room_max;
		take_holder(machine, cause, pool->shares, pool->share_count);
		return;
	}
}

static void explain_tcp_port(struct probe_machine *machine,
			     const struct probe_attempt *attempt, const struct address *source,
			     struct probe_cause *cause)
{
	const struct namespace_view *view = &machine->near.diagnosis.namespaces[0];
	const struct destination like = {
		.source = *source,
		.destination = attempt->destination,
		.port = attempt->port,
	};
	const struct destination *destination = usage_find(&machine->near.diagnosis, &like);
	const struct capacity *capacity =
		destination ? &destination->capacity : &view->anywhere;

	if (capacity->known)
		cause->room = capacity->room_max;
	if (destination)
		take_holder(machine, cause, destination->shares, destination->share_count);
	if (!cause->holder)
		take_holder(machine, cause, view->shares, view->share_count);
}

/* EADDRNOTAVAIL says that no port was found, or that there is no source address to have one on: IPv6 that is
 * switched off. Routing tells which. */
static const char *why_no_route(struct probe_machine *machine,
				const struct probe_attempt *attempt, struct address *source)
{
	struct source_request request = machine->request;
	struct source_route route = {
		.destination = attempt->destination,
		.port = attempt->port,
		.protocol = attempt->protocol,
		.own = attempt->source,
		.device = attempt->interface,
	};
	struct snapshot snapshot = { 0 };
	struct error error;
	const char *why = NULL;

	request.scope = SCOPE_OWN;
	request.no_owners = request.no_port_test = true;
	request.route = &route;
	/* Windows may have no way to be asked. */
	if (!source_read(&request, &snapshot, &error))
		why = route.why || (!snapshot.windows && !route.source.family &&
				    !attempt->source.family) ?
			      arena_copy(&machine->arena,
					 route.why ? route.why :
						     _("there is no source address for it")) :
			      NULL;
	*source = attempt->source.family ? attempt->source : route.source;
	snapshot_free(&snapshot);
	return why;
}

static const char *used_up(struct probe_machine *machine, const struct probe_cause *cause)
{
	char number[32];

	if (cause->room > 0)
		return arena_print(&machine->arena,
				   P_("no port was found then; now there is room for %s "
				      "connection: it comes and goes, portroom trace watches",
				      "no port was found then; now there is room for %s "
				      "connections: it comes and goes, portroom trace watches",
				      (unsigned long)cause->room),
				   text_grouped(number, (uint64_t)cause->room));
	if (!cause->holder)
		return _("the ephemeral ports are used up; portroom check says by whom");
	return arena_print(
		&machine->arena,
		P_("the ephemeral ports are used up: %s, pid %d, has %s port of them; "
		   "portroom check says more",
		   "the ephemeral ports are used up: %s, pid %d, has %s ports of them; "
		   "portroom check says more",
		   cause->held),
		process_title(cause->holder), cause->holder->pid,
		text_grouped(number, cause->held));
}

static void explain_room(struct probe_machine *machine, const struct probe_attempt *attempt,
			 const struct address *source, struct probe_cause *cause)
{
	if (attempt->protocol == PROTOCOL_UDP)
		explain_udp_port(machine, attempt, cause);
	else
		explain_tcp_port(machine, attempt, source, cause);
}

static struct probe_cause explain_port(struct probe_machine *machine,
				       const struct probe_attempt *attempt)
{
	struct probe_cause cause = { .outcome = PROBE_NO_PORT, .room = -1 };
	struct address source;

	cause.why = why_no_route(machine, attempt, &source);
	if (cause.why) {
		cause.outcome = PROBE_UNREACHABLE;
		return cause;
	}
	if (look(machine, &machine->near, SCOPE_OWN))
		explain_room(machine, attempt, &source, &cause);
	cause.why = used_up(machine, &cause);
	return cause;
}

/* ---- Windows: an error that may be of ports ---- */

/* Ports that nobody has for certain; -1 where the range is only assumed, so that this cannot be said. */
static int64_t free_ports(const struct probe_machine *machine,
			  const struct probe_attempt *attempt)
{
	const struct snapshot *snapshot = &machine->near.snapshot;
	uint8_t family = attempt->destination.family;
	const struct windows_range *range =
		windows_range_at(snapshot->windows, attempt->protocol, family);

	if (range->assumed)
		return -1;
	for (size_t i = 0; i < machine->near.diagnosis.pool_count; i++) {
		const struct pool *pool = &machine->near.diagnosis.pools[i];

		if (pool->source.family == family && pool->capacity.known &&
		    (pool->kind == CAPACITY_UDP_CONNECT) ==
			    (attempt->protocol == PROTOCOL_UDP))
			return pool->capacity.room_min;
	}
	return -1;
}

/* Where it is not known how many are free: what else it may have been. */
static const char *maybe_used_up(const struct probe_attempt *attempt)
{
	switch (probe_reconsider(attempt, 1)) {
	case PROBE_NO_MEMORY:
		return _(
			"no port was left, as a rule; or Windows had no memory for the socket: how "
			"many ports are free could not be read, portroom check says why");
	case PROBE_UNREACHABLE:
		return _(
			"no port was left, or there is no source address for it: how many ports "
			"are free could not be read, portroom check says why");
	default:
		return NULL;
	}
}

static struct probe_cause explain_windows(struct probe_machine *machine,
					  const struct probe_attempt *attempt)
{
	struct probe_cause cause = { .outcome = PROBE_NO_PORT, .room = -1 };
	int64_t least = free_ports(machine, attempt);
	struct address source;
	char number[32];

	cause.why = why_no_route(machine, attempt, &source);
	if (cause.why) {
		cause.outcome = PROBE_UNREACHABLE;
		return cause;
	}

	/* The listing tells no room of a range that is only assumed. */
	if (least >= 0)
		explain_room(machine, attempt, &source, &cause);
	cause.outcome = probe_reconsider(attempt, least);
	if (least < 0)
		cause.why = maybe_used_up(attempt);
	if (cause.outcome == PROBE_NO_PORT)
		cause.why = cause.why ? cause.why : used_up(machine, &cause);
	else if (cause.outcome == PROBE_NO_MEMORY)
		cause.why = arena_print(
			&machine->arena,
			_("%s ports are free, so it is memory that Windows has none of "
			  "(non-paged pool), unless they have come free since; event 4231 or "
			  "4266 tells: portroom events"),
			text_grouped(number, (uint64_t)least));
	else
		cause.why = _("there is no source address for it; not a lack of ports");
	if (cause.outcome != PROBE_NO_PORT) {
		cause.room = -1;
		cause.holder = NULL;
	}
	return cause;
}

static bool is_windows(struct probe_machine *machine)
{
	return look(machine, &machine->near, SCOPE_OWN) && machine->near.snapshot.windows;
}

/* ---- no answer: signs on this side ---- */

static const struct finding *find_finding(const struct probe_machine *machine,
					  const char *rule)
{
	for (size_t i = 0; i < machine->wide.diagnosis.finding_count; i++)
		if (!strcmp(machine->wide.diagnosis.findings[i].rule, rule))
			return &machine->wide.diagnosis.findings[i];
	return NULL;
}

static struct probe_cause explain_silence(struct probe_machine *machine,
					  const struct probe_attempt *attempt)
{
	struct probe_cause cause = { .outcome = PROBE_TIMED_OUT, .room = -1 };
	char target[ADDRESS_TEXT_SIZE];
	const struct finding *full;

	address_print_endpoint(target, &attempt->destination, attempt->port);
	if (look(machine, &machine->wide, SCOPE_REACHABLE)) {
		full = find_finding(machine, "conntrack_full");
		if (full) {
			cause.why =
				arena_print(&machine->arena,
					    _("the connection tracking table of this host is "
					      "full, so packets are dropped: %s"),
					    full->title);
			return cause;
		}
		full = find_finding(machine, "snat_full");
		if (full && strstr(full->subject, target)) {
			cause.why =
				arena_print(&machine->arena,
					    _("source NAT on this host has no port left for "
					      "it: %s"),
					    full->title);
			return cause;
		}
	}
	cause.why =
		_("no answer: a filter drops it, the host is down, or NAT on the way has no "
		  "port; a local port was found");
	return cause;
}

static const char *why_of(const struct probe_attempt *attempt)
{
	switch (attempt->outcome) {
	case PROBE_REFUSED:
		return _(
			"the host answers, and nobody listens there, or a filter rejects it; not a "
			"lack of ports");
	case PROBE_RESET:
		return _("the host accepted it and reset it at once; not a lack of ports");
	case PROBE_UNREACHABLE:
		return _(
			"no route, no neighbour, or a filter that says so; not a lack of ports");
	default:
		return probe_words(attempt);
	}
}

struct probe_cause probe_explain(struct probe_machine *machine,
				 const struct probe_attempt *attempt)
{
	struct probe_cause cause = { .outcome = attempt->outcome, .room = -1 };

	if (attempt->outcome == PROBE_NO_PORT)
		return is_windows(machine) ? explain_windows(machine, attempt) :
					     explain_port(machine, attempt);
	if (attempt->outcome == PROBE_TIMED_OUT)
		return explain_silence(machine, attempt);
	cause.why = attempt->outcome == PROBE_FAILED ? attempt->error_text : why_of(attempt);
	return cause;
}
