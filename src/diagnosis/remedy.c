#include "diagnosis/remedy.h"

#include "base/text.h"

struct capacity_query remedy_query(const struct destination *destination)
{
	return (struct capacity_query){
		.kind = CAPACITY_CONNECT,
		.netns = destination->netns,
		.source = destination->source,
		.destination = destination->destination,
		.port = destination->port,
	};
}

static int64_t room_with(struct diagnosis *diagnosis, const struct capacity_query *query,
			 const struct capacity_change *change)
{
	struct port_map *map = port_map_new(diagnosis->snapshot, query->netns, change);
	struct capacity capacity = capacity_of(map, query);

	port_map_free(map);
	return capacity.known ? (int64_t)capacity.room_min : -1;
}

static int64_t room_now(struct diagnosis *diagnosis, const struct capacity_query *query)
{
	return room_with(diagnosis, query, NULL);
}

void remedy_pool_connections(struct diagnosis *diagnosis, struct finding *finding,
			     const struct destination *destination)
{
	struct capacity_query query = remedy_query(destination);
	struct capacity_change change = { .time_wait_over = true };

	rule_add_remedy(
		finding,
		(struct remedy){
			.text = "keep connections open and use them again (connection pool, HTTP keep-alive)",
			.room_before = destination->capacity.room_min,
			.room_after = destination->states[SOCKET_TIME_WAIT] ?
					      room_with(diagnosis, &query, &change) :
					      -1,
		});
}

void remedy_tw_reuse(struct diagnosis *diagnosis, struct finding *finding,
		     const struct destination *destination)
{
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[destination->netns].settings;
	struct capacity_query query = remedy_query(destination);
	struct capacity_change change = { .tw_reuse = true };

	if (!destination->states[SOCKET_TIME_WAIT] || settings->tw_reuse == 1)
		return;
	if (settings->timestamps == 0) {
		rule_add_useless(finding,
				 "tcp_tw_reuse: needs TCP timestamps, which are off here "
				 "(tcp_timestamps=0)");
		return;
	}
	rule_add_remedy(
		finding,
		(struct remedy){
			.text = "net.ipv4.tcp_tw_reuse=1: connect() may take over ports in TIME_WAIT after "
				"tcp_tw_reuse_delay (1 s)",
			.command = "sysctl -w net.ipv4.tcp_tw_reuse=1",
			.room_before = destination->capacity.room_min,
			.room_after = room_with(diagnosis, &query, &change),
			.risk = "needs TCP timestamps at both ends",
		});
}

void remedy_second_source(struct diagnosis *diagnosis, struct finding *finding,
			  const struct destination *destination)
{
	const struct capacity *anywhere = &diagnosis->namespaces[destination->netns].anywhere;

	rule_add_remedy(
		finding,
		(struct remedy){
			.text = "a second source address (bind with IP_BIND_ADDRESS_NO_PORT), or a second "
				"address or port of the service",
			.room_before = destination->capacity.room_min,
			.room_after = anywhere->room_min,
		});
}

void remedy_end_process(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query, int64_t process)
{
	struct capacity_change change = {
		.without_process = true,
		.process = (uint32_t)process,
	};
	const struct process *who;

	if (process < 0)
		return;
	who = &diagnosis->snapshot->processes[process];
	rule_add_remedy(
		finding,
		(struct remedy){
			.text = arena_print(&diagnosis->arena, "restart %s",
					    rule_process(diagnosis, process)),
			.command = who->unit && !who->container ?
					   arena_print(&diagnosis->arena,
						       "systemctl restart %s", who->unit) :
					   arena_print(&diagnosis->arena, "kill %d", who->pid),
			.room_before = room_now(diagnosis, query),
			.room_after = room_with(diagnosis, query, &change),
			.lasts =
				"until it has taken them again; open connections rest 60 s in TIME_WAIT first",
			.risk = "ends its connections",
		});
}

/* Reserving what is listened on keeps later listeners from finding their port taken. */
void remedy_wider_range(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query)
{
	struct port_range now = diagnosis->snapshot->namespaces[query->netns].settings.range;
	struct capacity_change change = { .range = { 1024, 65535 } };

	if (now.first <= 1024 && now.last == 65535)
		return;
	rule_add_remedy(
		finding,
		(struct remedy){
			.text = "widen the ephemeral port range",
			.command = "sysctl -w net.ipv4.ip_local_port_range='1024 65535'",
			.room_before = room_now(diagnosis, query),
			.room_after = room_with(diagnosis, query, &change),
			.lasts = "until these are used up too, if something leaks",
			.risk = "put service ports into net.ipv4.ip_local_reserved_ports first",
		});
}

void remedy_useless(struct finding *finding, const struct destination *destination)
{
	if (destination->states[SOCKET_TIME_WAIT]) {
		rule_add_useless(finding,
				 "tcp_fin_timeout: does not change TIME_WAIT, which is 60 s "
				 "on Linux");
		rule_add_useless(finding, "tcp_tw_recycle: removed in Linux 4.12");
	} else {
		rule_add_useless(finding, "tcp_tw_reuse: none of these ports is in TIME_WAIT");
	}
	rule_add_useless(finding,
			 "SO_REUSEADDR, SO_REUSEPORT: do not change what connect() may use");
}
