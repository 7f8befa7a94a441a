#include "diagnosis/remedy.h"

#include "base/language.h"
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
	rule_add_remedy(finding, remedy);
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

void remedy_reuse_connections(struct diagnosis *diagnosis, struct finding *finding,
			      const struct destination *destination)
{
	const char *text = _(
		"keep connections open and use them again (connection pool, HTTP keep-alive)");
	struct capacity_query query = remedy_query(destination);
	struct capacity_change change = { .time_wait_over = true };

	if (destination->states[SOCKET_TIME_WAIT])
		add_with_room(diagnosis, finding, &query, &change,
			      (struct remedy){ .text = text });
	else
		remedy_mend(finding, text, destination->capacity.room_min);
}

void remedy_second_source(struct diagnosis *diagnosis, struct finding *finding,
			  const struct destination *destination)
{
	const struct capacity *anywhere = &diagnosis->namespaces[destination->netns].anywhere;

	rule_add_remedy(finding,
			(struct remedy){
				.text = _("a second source address (bind with "
					  "IP_BIND_ADDRESS_NO_PORT), or a second address or "
					  "port of the service"),
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

/* Names that systemd makes: others were made by whoever may name a cgroup, and are not pasted into a
 * root shell. */
static bool is_service(const struct process *process)
{
	size_t length = process->unit ? strlen(process->unit) : 0;

	return length > strlen(".service") && !process->container && !process->user_unit &&
	       is_unit_name(process->unit) && process->unit[0] != '-' &&
	       !strcmp(process->unit + length - strlen(".service"), ".service");
}

/* What to type: systemd restarts services, not scopes; a container belongs to its runtime. */
static const char *end_command(struct diagnosis *diagnosis, const struct process *process)
{
	if (!is_service(process))
		return arena_print(&diagnosis->arena, "kill %d", process->pid);
	return arena_print(&diagnosis->arena,
			   strchr(process->unit, '\\') ? "systemctl restart '%s'" :
							 "systemctl restart %s",
			   process->unit);
}

/* sysctl(8) in the namespace that is short of ports, which need not be that of the reader's shell. */
static const char *sysctl_command(struct diagnosis *diagnosis, uint32_t netns,
				  const char *setting)
{
	const char *path = diagnosis->snapshot->namespaces[netns].enter;

	if (!path)
		return arena_print(&diagnosis->arena, "sysctl -w %s", setting);
	if (strspn(path, harmless) != strlen(path))
		return NULL; /* nothing that could be pasted as it is */
	return arena_print(&diagnosis->arena, "nsenter --net=%s sysctl -w %s", path, setting);
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
			.command = sysctl_command(diagnosis, destination->netns,
						  "net.ipv4.tcp_tw_reuse=1"),
			.risk = far ? _("only where the peer uses TCP timestamps too, which "
					"cannot be seen from here") :
				      NULL,
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
	later = capacity_with(diagnosis, query, &change);
	change.connections_rest = true;
	at_once = capacity_with(diagnosis, query, &change);
	return at_once.room_min < later.room_min || at_once.room_max < later.room_max;
}

void remedy_end_process(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query, int64_t index)
{
	const struct process *process =
		index < 0 ? NULL : &diagnosis->snapshot->processes[index];
	struct capacity_change change = { .without_process = true,
					  .process = (uint32_t)index };
	const char *what;

	if (!process)
		return;
	/* Restarting a service ends all of its processes. */
	if (is_service(process))
		change.unit = process->unit;
	/* When these have rested, those that rest now are long gone. */
	change.time_wait_over = must_rest(diagnosis, query, change);
	what = is_service(process) ?
		       arena_print(&diagnosis->arena, _("restart %s"), process->unit) :
		       arena_print(&diagnosis->arena, _("end or restart %s"),
				   words_process(diagnosis, index));
	add_with_room(
		diagnosis, finding, query, &change,
		(struct remedy){
			.text = what,
			.command = end_command(diagnosis, process),
			.lasts = change.time_wait_over ?
					 _("until it has taken them again; open connections "
					   "rest 60 s in TIME_WAIT first") :
					 _("until it has taken them again"),
			.risk = _("what it is doing is lost"),
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
			.command = sysctl_command(diagnosis, query->netns,
						  "net.ipv4.ip_local_port_range='1024 65535'"),
			.lasts = _("until these are used up too, if something leaks"),
			.risk = _(
				"put service ports into net.ipv4.ip_local_reserved_ports first"),
		});
}

void remedy_drop_reserved(struct diagnosis *diagnosis, struct finding *finding,
			  const struct capacity_query *query, unsigned least_percent)
{
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[query->netns].settings;
	unsigned reserved = diagnosis->namespaces[query->netns].anywhere.reserved;
	struct capacity_change change = { .without_reserved = true };

	if (!reserved || reserved * 100 < least_percent * port_range_size(settings->range))
		return;
	add_with_room(
		diagnosis, finding, query, &change,
		(struct remedy){
			.text = arena_print(
				&diagnosis->arena,
				_("drop reservations that nobody needs (%s of the range)"),
				words_ports(diagnosis, reserved)),
			.command = sysctl_command(diagnosis, query->netns,
						  "net.ipv4.ip_local_reserved_ports=''"),
			.risk = _("it drops them all: a service that relies on one may "
				  "find its port taken"),
		});
}

void remedy_useless(struct finding *finding, const struct destination *destination)
{
	if (destination->states[SOCKET_TIME_WAIT]) {
		rule_add_useless(finding,
				 _("tcp_fin_timeout: does not change TIME_WAIT, which is 60 s "
				   "on Linux"));
		rule_add_useless(finding, _("tcp_tw_recycle: removed in Linux 4.12"));
	} else {
		rule_add_useless(finding,
				 _("tcp_tw_reuse: none of these ports is in TIME_WAIT"));
	}
	rule_add_useless(
		finding,
		_("SO_REUSEADDR, SO_REUSEPORT: do not change what connect() may use"));
}
