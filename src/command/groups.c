#include "command/groups.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

static const char *user_of(const struct process *process)
{
	return process->user_name;
}

static const char *unit_of(const struct process *process)
{
	return process->unit;
}

static const char *container_of(const struct process *process)
{
	return process->container;
}

/* One more than the index of the first process with the same text; 0 for none. */
static uint32_t first_alike(const struct snapshot *snapshot, enum owner_kind owner_kind,
			    uint32_t owner,
			    const char *(*text_of)(const struct process *process))
{
	const char *text =
		owner_is_process(owner_kind) ? text_of(&snapshot->processes[owner]) : NULL;

	for (uint32_t i = 0; text && i < snapshot->process_count; i++) {
		const char *other = text_of(&snapshot->processes[i]);

		if (other && !strcmp(other, text))
			return i + 1;
	}
	return 0;
}

static void identify(struct group_identity *identity, const struct groups *groups,
		     const struct snapshot *snapshot, uint32_t netns,
		     enum owner_kind owner_kind, uint32_t owner,
		     const struct socket_record *record)
{
	uint32_t process = owner_is_process(owner_kind) ? owner + 1 : 0;

	memset(identity, 0, sizeof *identity);
	for (size_t i = 0; i < groups->key_count; i++)
		switch (groups->keys[i]) {
		case LIST_NETNS:
			identity->netns = netns;
			break;
		case LIST_PROTOCOL:
			identity->protocol = record->protocol;
			break;
		case LIST_STATE:
			identity->state = record->state;
			break;
		case LIST_PROCESS:
			identity->owner_kind = owner_kind;
			identity->process = process;
			break;
		case LIST_PID:
			identity->process = process;
			break;
		case LIST_USER:
			identity->user = first_alike(snapshot, owner_kind, owner, user_of);
			break;
		case LIST_UNIT:
			identity->unit = first_alike(snapshot, owner_kind, owner, unit_of);
			break;
		case LIST_CONTAINER:
			identity->container =
				first_alike(snapshot, owner_kind, owner, container_of);
			break;
		case LIST_LOCAL:
			identity->local = record->local;
			break;
		case LIST_PORT:
			identity->local_port = record->local_port;
			break;
		case LIST_REMOTE:
			identity->remote = record->remote;
			break;
		case LIST_REMOTE_PORT:
			identity->remote_port = record->remote_port;
			break;
		case LIST_KEY_COUNT:
			break;
		}
}

static struct group *find_or_add(struct groups *groups, const struct group_identity *identity)
{
	const struct indexed known = { groups->identities, groups->count, sizeof *identity,
				       sizeof *identity };
	size_t at = index_find_or_add(&groups->index, &known, identity);

	if (at < groups->count)
		return groups->groups[at];
	array_reserve(groups->identities, groups->count, groups->identity_capacity);
	array_reserve(groups->groups, groups->count, groups->capacity);
	groups->identities[at] = *identity;
	groups->groups[at] = memory_zeroed(1, sizeof(struct group));
	groups->count++;
	return groups->groups[at];
}

void groups_add(struct groups *groups, const struct snapshot *snapshot, uint32_t netns,
		enum owner_kind owner_kind, uint32_t owner, const struct socket_record *record)
{
	struct group_identity identity;
	struct group *group;

	identify(&identity, groups, snapshot, netns, owner_kind, owner, record);
	group = find_or_add(groups, &identity);
	if (!group->shown.sockets) {
		group->identity = identity;
		group->record = *record;
		group->process = owner;
		group->shown.row.netns = netns;
		group->shown.row.owner_kind = owner_kind;
	}
	group->shown.sockets++;
	port_set_add(&group->ports, record->local_port);
}

static int by_sockets(const void *a, const void *b)
{
	const struct group *left = *(struct group *const *)a,
			   *right = *(struct group *const *)b;

	if (left->shown.sockets != right->shown.sockets)
		return left->shown.sockets < right->shown.sockets ? 1 : -1;
	return memcmp(&left->identity, &right->identity, sizeof left->identity);
}

void groups_sort(struct groups *groups, const struct snapshot *snapshot)
{
	groups->sorted = memory_zeroed(groups->count + 1, sizeof *groups->sorted);
	if (groups->count)
		memcpy(groups->sorted, groups->groups, groups->count * sizeof *groups->sorted);
	qsort(groups->sorted, groups->count, sizeof *groups->sorted, by_sockets);
	for (size_t i = 0; i < groups->count; i++) {
		struct group *group = groups->sorted[i];

		group->shown.ports = group->ports.count;
		group->shown.row.snapshot = snapshot;
		group->shown.row.record = &group->record;
		group->shown.row.process = owner_is_process(group->shown.row.owner_kind) ?
						   &snapshot->processes[group->process] :
						   NULL;
	}
}

void groups_free(struct groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		port_set_free(&groups->groups[i]->ports);
		free(groups->groups[i]);
	}
	index_free(&groups->index);
	free(groups->groups);
	free(groups->identities);
	free(groups->sorted);
}
