#include "diagnosis/remedy.h"

#include "base/language.h"

#include <string.h>

/*
 * What the program that takes the ports has to do, or its end.
 */
void remedy_reuse_connections(struct diagnosis *diagnosis, struct finding *finding,
			      const struct destination *destination)
{
	const char *text =
		destination->states[SOCKET_TIME_WAIT] ?
			_("keep connections open and use them again (connection pool, HTTP "
			  "keep-alive)") :
			_("have fewer connections open at once: share them (connection pool, "
			  "HTTP keep-alive), limit the pool, close idle ones");
	struct capacity_query query = remedy_query(destination);
	struct capacity_change change = { .time_wait_over = true };

	if (destination->states[SOCKET_TIME_WAIT])
		remedy_add_with_room(diagnosis, finding, &query, &change,
				     (struct remedy){
					     .text = text,
					     .directive = remedy_directive(diagnosis, finding,
									   ADVICE_KEEP_ALIVE),
				     });
	else
		remedy_advise(diagnosis, finding, ADVICE_KEEP_ALIVE, text,
			      destination->capacity.room_min);
}

void remedy_second_source(struct diagnosis *diagnosis, struct finding *finding,
			  const struct destination *destination)
{
	const struct capacity *anywhere = &diagnosis->namespaces[destination->netns].anywhere;

	rule_add_remedy(
		finding,
		(struct remedy){
			.text = _("a second source address (bind with "
				  "IP_BIND_ADDRESS_NO_PORT), or a second address or "
				  "port of the service"),
			.directive = remedy_directive(diagnosis, finding, ADVICE_SOURCE),
			.room_before = destination->capacity.room_min,
			.room_after_min = anywhere->room_min,
			.room_after_max = anywhere->room_max,
		});
}

/* Whether the end of the process gives less at once than when its connections have rested. */
static bool must_rest(struct diagnosis *diagnosis, const struct capacity_query *query,
		      struct capacity_change change)
{
	struct capacity later, at_once;

	if (query->kind == CAPACITY_UDP_CONNECT || query->kind == CAPACITY_UDP_BIND ||
	    diagnosis->finding_count > FINDINGS_MODELLED)
		return false;
	later = remedy_capacity(diagnosis, query, &change);
	change.connections_rest = true;
	at_once = remedy_capacity(diagnosis, query, &change);
	return at_once.room_min < later.room_min || at_once.room_max < later.room_max;
}

static bool has_share(const struct finding *finding, int64_t process, enum socket_state state)
{
	for (size_t i = 0; i < finding->share_count; i++) {
		const struct share *share = &finding->shares[i];

		if (share->owner_kind == OWNER_PROCESS && share->process == process &&
		    share->state == state)
			return true;
	}
	return false;
}

/* What is left of its sockets when a process has ended takes its time. */
static const char *risk_of_end(const struct finding *finding, int64_t process, bool rests)
{
	if (!rests)
		return _("what it is doing is lost");
	if (has_share(finding, process, SOCKET_FIN_WAIT2) &&
	    !has_share(finding, process, SOCKET_ESTABLISHED) &&
	    !has_share(finding, process, SOCKET_FIN_WAIT1))
		return _("what it is doing is lost; the kernel first waits for the peer, for "
			 "net.ipv4.tcp_fin_timeout");
	return _(
		"what it is doing is lost; its open connections first rest 60 s in TIME_WAIT, "
		"or in FIN_WAIT2 where the peer does not close");
}

void remedy_end_process(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query, int64_t index)
{
	const struct process *process =
		index < 0 ? NULL : &diagnosis->snapshot->processes[index];
	struct capacity_change change = { .without_process = true,
					  .process = (uint32_t)index };
	const char *what;

	if (!process || process->ended || !process->pid)
		return;
	/* Restarting a service ends all of its processes. */
	if (remedy_is_service(process))
		change.unit = process->unit;
	/* When these have rested, those that rest now are long gone. */
	change.time_wait_over = must_rest(diagnosis, query, change);
	what = remedy_is_service(process) ?
		       arena_print(&diagnosis->arena, _("restart %s"), process->unit) :
		       arena_print(&diagnosis->arena, _("end or restart %s"),
				   words_process(diagnosis, index));
	remedy_add_with_room(
		diagnosis, finding, query, &change,
		(struct remedy){
			.text = what,
			.command = remedy_end_command(diagnosis, process),
			.lasts = _("until it has taken them again"),
			.risk = risk_of_end(finding, index, change.time_wait_over),
		});
}

void remedy_close_connections(struct diagnosis *diagnosis, struct finding *finding,
			      const struct destination *destination)
{
	char target[ADDRESS_TEXT_SIZE];
	struct remedy remedy = remedy_aside(
		_("close these connections from outside; the program keeps running"),
		remedy_portroom_in(
			diagnosis, destination->netns,
			arena_print(&diagnosis->arena,
				    "portroom close --state close_wait --dst %s "
				    "--port %u --yes",
				    address_print(target, &destination->destination),
				    destination->port)));

	remedy.risk = _("needs a kernel with CONFIG_INET_DIAG_DESTROY; the program gets "
			"ECONNABORTED on them, and a source port it chose itself stays taken");
	rule_add_remedy(finding, remedy);
}
