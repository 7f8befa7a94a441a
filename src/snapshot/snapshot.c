#include "snapshot/snapshot.h"

#include <stdlib.h>
#include <string.h>

uint32_t snapshot_add_netns(struct snapshot *snapshot, const struct netns *netns)
{
	array_reserve(snapshot->namespaces, snapshot->namespace_count,
		      snapshot->namespace_capacity);
	snapshot->namespaces[snapshot->namespace_count] = *netns;
	return (uint32_t)snapshot->namespace_count++;
}

uint32_t snapshot_add_process(struct snapshot *snapshot, const struct process *process)
{
	array_reserve(snapshot->processes, snapshot->process_count,
		      snapshot->process_capacity);
	snapshot->processes[snapshot->process_count] = *process;
	return (uint32_t)snapshot->process_count++;
}

void snapshot_add_source(struct snapshot *snapshot, const struct source_report *report)
{
	array_reserve(snapshot->sources, snapshot->source_count, snapshot->source_capacity);
	snapshot->sources[snapshot->source_count++] = *report;
}

void snapshot_add_gap(struct snapshot *snapshot, enum gap_effect effect, int64_t netns,
		      const char *what, const char *why, const char *remedy)
{
	for (size_t i = 0; i < snapshot->gap_count; i++)
		if (snapshot->gaps[i].netns == netns &&
		    !strcmp(snapshot->gaps[i].what, what) &&
		    !strcmp(snapshot->gaps[i].why, why))
			return;
	array_reserve(snapshot->gaps, snapshot->gap_count, snapshot->gap_capacity);
	snapshot->gaps[snapshot->gap_count++] = (struct gap){
		.what = arena_copy(&snapshot->arena, what),
		.why = arena_copy(&snapshot->arena, why),
		.remedy = arena_copy(&snapshot->arena, remedy),
		.effect = effect,
		.netns = netns,
	};
}

static struct holding *find_or_add(struct snapshot *snapshot, const struct holding_key *key)
{
	const struct indexed holdings = { snapshot->holdings, snapshot->holding_count,
					  sizeof *snapshot->holdings, sizeof *key };
	size_t at = index_find_or_add(&snapshot->holding_index, &holdings, key);

	if (at < snapshot->holding_count)
		return &snapshot->holdings[at];
	array_reserve(snapshot->holdings, snapshot->holding_count, snapshot->holding_capacity);
	snapshot->holdings[at] = (struct holding){ .key = *key };
	return &snapshot->holdings[snapshot->holding_count++];
}

void snapshot_add_socket(struct snapshot *snapshot, uint32_t netns, enum owner_kind owner_kind,
			 uint32_t owner, const struct socket_record *record)
{
	struct port_set *listening = &snapshot->namespaces[netns].listening[record->protocol];
	struct holding_key key;
	struct holding *holding;

	if (record->state == SOCKET_CLOSE || !record->local_port)
		return;
	if (record->state == SOCKET_LISTEN)
		port_set_add(listening, record->local_port);

	memset(&key, 0, sizeof key); /* padding too: keys are compared as bytes */
	key.netns = netns;
	key.owner_kind = (uint8_t)owner_kind;
	key.owner = owner_kind == OWNER_PROCESS ? owner : 0;
	key.user = owner_kind == OWNER_PROCESS || !record->inode ? 0 : record->user;
	key.protocol = (uint8_t)record->protocol;
	key.state = (uint8_t)record->state;
	key.age = (uint8_t)record->age;
	key.ipv6_only = (uint8_t)record->ipv6_only;
	key.device = record->device;
	key.local = record->local;
	key.inbound = record->state != SOCKET_LISTEN && record->state != SOCKET_BOUND &&
		      port_set_has(listening, record->local_port);
	if (!key.inbound && record->state != SOCKET_LISTEN && record->state != SOCKET_BOUND &&
	    record->state != SOCKET_UNCONNECTED) {
		key.remote = record->remote;
		key.remote_port = record->remote_port;
	}

	holding = find_or_add(snapshot, &key);
	port_set_add(&holding->ports, record->local_port);
	holding->sockets++;
	if (record->expires_ms > holding->latest_expiry_ms)
		holding->latest_expiry_ms = record->expires_ms;
}

const struct process *snapshot_owner(const struct snapshot *snapshot,
				     const struct holding *holding)
{
	return holding->key.owner_kind == OWNER_PROCESS ?
		       &snapshot->processes[holding->key.owner] :
		       NULL;
}

void snapshot_free(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->holding_count; i++)
		port_set_free(&snapshot->holdings[i].ports);
	for (size_t i = 0; i < snapshot->namespace_count; i++) {
		struct netns *netns = &snapshot->namespaces[i];

		port_set_free(&netns->settings.reserved);
		port_set_free(&netns->tested_bind);
		port_set_free(&netns->tested_connect);
		port_set_free(&netns->maybe_bound);
		for (int p = 0; p < PROTOCOL_COUNT; p++)
			port_set_free(&netns->listening[p]);
	}
	nat_free(&snapshot->nat);
	free(snapshot->namespaces);
	free(snapshot->processes);
	free(snapshot->holdings);
	index_free(&snapshot->holding_index);
	free(snapshot->gaps);
	free(snapshot->sources);
	arena_free(&snapshot->arena);
	*snapshot = (struct snapshot){ 0 };
}
