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

uint32_t snapshot_find_netns(const struct snapshot *snapshot, uint64_t inode)
{
	for (size_t i = 0; i < snapshot->namespace_count; i++)
		if (snapshot->namespaces[i].inode == inode)
			return (uint32_t)i;
	return UINT32_MAX;
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

/* The last holding of all becomes the last of its namespace. */
static void chain_last(struct snapshot *snapshot, struct netns *netns)
{
	uint32_t last = (uint32_t)snapshot->holding_count;

	if (netns->last_holding)
		snapshot->holdings[netns->last_holding - 1].next = last;
	else
		netns->first_holding = last;
	netns->last_holding = last;
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
	snapshot->holding_count++;
	chain_last(snapshot, &snapshot->namespaces[key->netns]);
	return &snapshot->holdings[at];
}

int snapshot_adopt_holding(struct snapshot *snapshot, struct holding *holding)
{
	struct holding_key key = holding->key;
	struct holding *place = find_or_add(snapshot, &key);

	if (place->sockets || place->ports.count)
		return -1;
	holding->next = place->next;
	*place = *holding;
	holding->ports = (struct port_set){ 0 };
	return 0;
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
	key.owner = owner_is_process(owner_kind) ? owner : 0;
	key.user = owner_is_process(owner_kind) || !record->inode ? 0 : record->user;
	key.protocol = (uint8_t)record->protocol;
	key.state = (uint8_t)record->state;
	key.age = (uint8_t)record->age;
	key.timestamps = (uint8_t)record->timestamps;
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
	holding->fresh += record->fresh;
	if (record->expires_ms > holding->latest_expiry_ms)
		holding->latest_expiry_ms = record->expires_ms;
	if (holding->sockets == 1 || record->expires_ms < holding->earliest_expiry_ms)
		holding->earliest_expiry_ms = record->expires_ms;
}

static void join_netns(struct netns *netns, struct netns *inside)
{
	netns->settings = inside->settings;
	inside->settings.reserved = (struct port_set){ 0 };
	netns->counters = inside->counters;
	netns->conntrack = inside->conntrack;
	netns->local_addresses = inside->local_addresses;
	netns->local_address_count = inside->local_address_count;
	netns->nat_read = inside->nat_read;
	netns->nat_rules_read = inside->nat_rules_read;
}

void snapshot_join(struct snapshot *snapshot, struct snapshot *inside)
{
	for (size_t i = 0; i < inside->namespace_count; i++)
		join_netns(&snapshot->namespaces[i], &inside->namespaces[i]);
	for (size_t i = 0; i < inside->gap_count; i++) {
		const struct gap *gap = &inside->gaps[i];

		snapshot_add_gap(snapshot, gap->effect, gap->netns, gap->what, gap->why,
				 gap->remedy);
	}
	snapshot->nat = inside->nat;
	inside->nat = (struct nat){ 0 };
	snapshot->port_rules = inside->port_rules;
	snapshot->port_rule_count = inside->port_rule_count;
	inside->port_rules = NULL;
	arena_join(&snapshot->arena, &inside->arena);
	snapshot_free(inside);
}

const struct holding *snapshot_next_holding(const struct snapshot *snapshot, uint32_t netns,
					    const struct holding *holding)
{
	uint32_t next = holding ? holding->next : snapshot->namespaces[netns].first_holding;

	return next ? &snapshot->holdings[next - 1] : NULL;
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
		port_set_free(&netns->known_bind);
		port_set_free(&netns->known_connect);
		port_set_free(&netns->maybe_bound);
		for (int p = 0; p < PROTOCOL_COUNT; p++)
			port_set_free(&netns->listening[p]);
	}
	nat_free(&snapshot->nat);
	free(snapshot->port_rules);
	free(snapshot->boot_sockets);
	free(snapshot->namespaces);
	free(snapshot->processes);
	free(snapshot->holdings);
	index_free(&snapshot->holding_index);
	free(snapshot->gaps);
	free(snapshot->sources);
	sample_free(&snapshot->sample);
	windows_free(snapshot->windows);
	evidence_facts_free(&snapshot->evidence);
	arena_free(&snapshot->arena);
	*snapshot = (struct snapshot){ 0 };
}
