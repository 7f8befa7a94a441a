#include "diagnosis/remedy.h"

#include "base/language.h"
#include "diagnosis/pace.h"
#include "diagnosis/syn_timeout.h"

#include <string.h>

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

static struct capacity capacity_with(struct diagnosis *diagnosis,
				     const struct capacity_query *query,
				     const struct capacity_change *change)
{
	struct port_map *map = port_map_new(diagnosis->snapshot, query->netns, change);
	struct capacity capacity = capacity_of(map, query);

	port_map_free(map);
	return capacity;
}

/* Each change costs a pass over all holdings: beyond so many findings the reader has enough. */
enum { FINDINGS_MODELLED = 64 };

/* How long a remedy helps that does not end the cause, at the culprit's pace so far. */
static const char *how_long(struct diagnosis *diagnosis, const struct finding *finding,
			    const struct remedy *remedy)
{
	int64_t won = remedy->room_after_min - remedy->room_before;
	int64_t seconds = pace_seconds(diagnosis, finding, won);
	int64_t resting = pace_resting_ports(finding);

	/* TIME_WAIT is no leak: as many ports come back as are used. */
	if (resting > 0 && seconds < 0)
		return arena_print(
			&diagnosis->arena,
			_("as long as no more than %s connections/s are closed from this side; "
			  "now it is about %s/s"),
			words_count(diagnosis, (uint64_t)(won + resting) / 60),
			words_count(diagnosis, (uint64_t)resting / 60));
	if (seconds < 0)
		return remedy->lasts;
	return arena_print(&diagnosis->arena, _("%s; at its average pace so far that is %s"),
			   remedy->lasts, words_duration(diagnosis, (uint64_t)seconds));
}

/* Adds the remedy with the room before and after the change. */
static void add_with_room(struct diagnosis *diagnosis, struct finding *finding,
			  const struct capacity_query *query,
			  const struct capacity_change *change, struct remedy remedy)
{
	struct capacity before = { 0 }, after = { 0 };

	if (diagnosis->finding_count <= FINDINGS_MODELLED) {
		before = capacity_with(diagnosis, query, NULL);
		after = capacity_with(diagnosis, query, change);
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
const char *remedy_directive(const struct diagnosis *diagnosis, const struct finding *finding,
			     enum advice_kind kind)
{
	int64_t index = finding->culprit >= 0 ?
				finding->culprit :
				rule_culprit(finding->shares, finding->share_count,
					     SOCKET_STATE_COUNT);
	const struct process *process;
	const char *advice;

	if (index < 0)
		return NULL;
	process = &diagnosis->snapshot->processes[index];
	advice = program_advice(process->executable, process->name, process->runtime, kind);
	return advice ? _(advice) : NULL;
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

void remedy_advise(const struct diagnosis *diagnosis, struct finding *finding,
		   enum advice_kind kind, const char *text, unsigned room_before)
{
	struct remedy remedy = remedy_aside(text, NULL);

	remedy.directive = remedy_directive(diagnosis, finding, kind);
	remedy.room_before = room_before;
	rule_add_remedy(finding, remedy);
}

void remedy_reuse_connections(struct diagnosis *diagnosis, struct finding *finding,
			      const struct destination *destination)
{
	const char *text = _(
		"keep connections open and use them again (connection pool, HTTP keep-alive)");
	struct capacity_query query = remedy_query(destination);
	struct capacity_change change = { .time_wait_over = true };

	if (destination->states[SOCKET_TIME_WAIT])
		add_with_room(diagnosis, finding, &query, &change,
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

static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789@_.:/-";

/* Letters that mean nothing to a shell; systemd's escapes have backslashes, which need quotes. */
static bool is_unit_name(const char *unit)
{
	while (*unit && (strchr(harmless, *unit) || *unit == '\\'))
		unit++;
	return !*unit;
}

enum { LONGEST_UNIT = 255 }; /* systemd.unit(5) */

/* Names that systemd makes: others were made by whoever may name a cgroup, and are not pasted into a
 * root shell. */
bool remedy_is_service(const struct process *process)
{
	size_t length = process->unit ? strlen(process->unit) : 0;

	return length > strlen(".service") && length <= LONGEST_UNIT && !process->container &&
	       !process->user_unit && is_unit_name(process->unit) && process->unit[0] != '-' &&
	       !strcmp(process->unit + length - strlen(".service"), ".service");
}

/* What to type: systemd restarts services, not scopes; a container belongs to its runtime. */
static const char *end_command(struct diagnosis *diagnosis, const struct process *process)
{
	if (!remedy_is_service(process))
		return arena_print(&diagnosis->arena, "kill %d", process->pid);
	return arena_print(&diagnosis->arena,
			   strchr(process->unit, '\\') ? "systemctl restart '%s'" :
							 "systemctl restart %s",
			   process->unit);
}

const char *remedy_command_in(struct diagnosis *diagnosis, uint32_t netns, const char *command)
{
	const char *path = diagnosis->snapshot->namespaces[netns].enter;

	if (!path)
		return command;
	if (strspn(path, harmless) != strlen(path))
		return NULL; /* nothing that could be pasted as it is */
	return arena_print(&diagnosis->arena, "nsenter --net=%s %s", path, command);
}

const char *remedy_sysctl(struct diagnosis *diagnosis, uint32_t netns, const char *setting)
{
	return remedy_command_in(diagnosis, netns,
				 arena_print(&diagnosis->arena, "sysctl -w %s", setting));
}

void remedy_tw_reuse(struct diagnosis *diagnosis, struct finding *finding,
		     const struct destination *destination)
{
	const struct netns *netns = &diagnosis->snapshot->namespaces[destination->netns];
	struct capacity_query query = remedy_query(destination);
	struct capacity_change change = { .tw_reuse = true };
	int delay = netns->settings.tw_reuse_delay_ms;
	bool far = !netns_has_address(netns, &destination->destination);

	if (!destination->states[SOCKET_TIME_WAIT] || netns->settings.tw_reuse == 1)
		return;
	if (netns->settings.timestamps == 0) {
		rule_add_useless(finding,
				 _("tcp_tw_reuse: needs TCP timestamps, which are off here "
				   "(tcp_timestamps=0)"));
		return;
	}
	add_with_room(
		diagnosis, finding, &query, &change,
		(struct remedy){
			.text = arena_print(
				&diagnosis->arena,
				_("net.ipv4.tcp_tw_reuse=1: connect() may take over ports in "
				  "TIME_WAIT after %d ms"),
				delay < 0 ? 1000 : delay),
			.command = remedy_sysctl(diagnosis, destination->netns,
						 "net.ipv4.tcp_tw_reuse=1"),
			.risk = far ? _("only where the peer uses TCP timestamps too, which "
					"cannot be seen from here") :
				      NULL,
		});
}

void remedy_reserve(struct diagnosis *diagnosis, struct finding *finding, uint32_t netns,
		    const struct port_set *ports)
{
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[netns].settings;
	struct port_set all = { 0 };
	const char *list;

	port_set_add_all(&all, &settings->reserved);
	port_set_add_all(&all, ports);
	list = port_set_print(&all, &diagnosis->arena);
	port_set_free(&all);
	rule_add_remedy(
		finding,
		remedy_aside(_("reserve these ports: no outgoing connection takes them then"),
			     remedy_sysctl(diagnosis, netns,
					   arena_print(&diagnosis->arena,
						       "net.ipv4.ip_local_reserved_ports=%s",
						       list))));
}

/* What the two settings below are lowered to: enough for a slow path, and a fraction of the default. */
enum { FIN_TIMEOUT_S = 10, SYN_RETRIES = 3 };

void remedy_fin_timeout(struct diagnosis *diagnosis, struct finding *finding,
			const struct destination *destination)
{
	const struct netns *netns = &diagnosis->snapshot->namespaces[destination->netns];
	struct capacity_query query = remedy_query(destination);
	struct capacity_change change = { .orphans_over = true };
	int now = netns->settings.fin_timeout_s;

	if (now >= 0 && now <= FIN_TIMEOUT_S)
		return;
	add_with_room(
		diagnosis, finding, &query, &change,
		(struct remedy){
			.text = arena_print(
				&diagnosis->arena,
				_("net.ipv4.tcp_fin_timeout=%d: wait no longer than that many "
				  "seconds for the peer to close"),
				FIN_TIMEOUT_S),
			.command = remedy_sysctl(diagnosis, destination->netns,
						 arena_print(&diagnosis->arena,
							     "net.ipv4.tcp_fin_timeout=%d",
							     FIN_TIMEOUT_S)),
			.risk = _(
				"it counts for connections closed from now on; what a slower "
				"peer still sends is answered by a reset"),
		});
}

void remedy_syn_retries(struct diagnosis *diagnosis, struct finding *finding, uint32_t netns)
{
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[netns].settings;

	if (settings->syn_retries <= SYN_RETRIES)
		return;
	rule_add_remedy(
		finding,
		(struct remedy){
			.text = arena_print(
				&diagnosis->arena,
				_("net.ipv4.tcp_syn_retries=%d: an attempt gives up after %d s "
				  "instead of %d s"),
				SYN_RETRIES,
				syn_timeout_s(SYN_RETRIES, settings->syn_linear_timeouts),
				syn_timeout_s(settings->syn_retries,
					      settings->syn_linear_timeouts)),
			.command = remedy_sysctl(diagnosis, netns,
						 arena_print(&diagnosis->arena,
							     "net.ipv4.tcp_syn_retries=%d",
							     SYN_RETRIES)),
			.room_before = -1,
			.room_after_min = -1,
			.room_after_max = -1,
			.risk = _("connections over a path that loses packets give up sooner, "
				  "too"),
		});
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
static const char *risk_of_end(const struct finding *finding, int64_t process)
{
	if (has_share(finding, process, SOCKET_ESTABLISHED) ||
	    has_share(finding, process, SOCKET_FIN_WAIT1))
		return _(
			"what it is doing is lost; its open connections rest 60 s in TIME_WAIT "
			"first");
	if (has_share(finding, process, SOCKET_FIN_WAIT2))
		return _("what it is doing is lost; the kernel first waits for the peer, for "
			 "net.ipv4.tcp_fin_timeout");
	return _("what it is doing is lost");
}

void remedy_end_process(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query, int64_t index)
{
	const struct process *process =
		index < 0 ? NULL : &diagnosis->snapshot->processes[index];
	struct capacity_change change = { .without_process = true,
					  .process = (uint32_t)index };
	bool udp = query->kind == CAPACITY_UDP_CONNECT || query->kind == CAPACITY_UDP_BIND;
	const char *what;

	if (!process)
		return;
	/* Restarting a service ends all of its processes. */
	if (remedy_is_service(process))
		change.unit = process->unit;
	what = remedy_is_service(process) ?
		       arena_print(&diagnosis->arena, _("restart %s"), process->unit) :
		       arena_print(&diagnosis->arena, _("end or restart %s"),
				   words_process(diagnosis, index));
	add_with_room(diagnosis, finding, query, &change,
		      (struct remedy){
			      .text = what,
			      .command = end_command(diagnosis, process),
			      .lasts = _("until it has taken them again"),
			      .risk = udp ? _("what it is doing is lost") :
					    risk_of_end(finding, index),
		      });
}

void remedy_wider_range(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query)
{
	struct port_range now = diagnosis->snapshot->namespaces[query->netns].settings.range;
	struct capacity_change change = { .range = { 1024, 65535 } };

	if (now.first <= 1024 && now.last == 65535)
		return;
	add_with_room(
		diagnosis, finding, query, &change,
		(struct remedy){
			.text = _("widen the ephemeral port range"),
			.command = remedy_sysctl(diagnosis, query->netns,
						 "net.ipv4.ip_local_port_range='1024 65535'"),
			.lasts = _("until these are used up, too"),
			.risk = _(
				"put service ports into net.ipv4.ip_local_reserved_ports first"),
		});
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
