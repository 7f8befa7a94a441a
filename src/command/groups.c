#define _GNU_SOURCE /* tdestroy() */
#include "command/groups.h"

#include "base/arena.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/*
 * The identity of a group holds the asked-for keys and zero elsewhere, and is compared as bytes.
 * Texts of processes (user, unit, container) stand for themselves by the first process that has
 * the same one.
 */
struct group_identity {
	uint32_t netns, protocol, state, owner_kind, process, user, unit, container;
	uint32_t local_port, remote_port;
	struct address local, remote;
	uint8_t end[2]; /* rounds the size up, so that no padding is compared */
};

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

static int compare(const void *a, const void *b)
{
	const struct group *left = a, *right = b;

	return memcmp(left->identity, right->identity, sizeof *left->identity);
}

static struct group *new_group(const struct group_identity *identity)
{
	struct group *group = memory_zeroed(1, sizeof *group);

	group->identity = memory_zeroed(1, sizeof *group->identity);
	*group->identity = *identity;
	return group;
}

void groups_add(struct groups *groups, const struct snapshot *snapshot, uint32_t netns,
		enum owner_kind owner_kind, uint32_t owner, const struct socket_record *record)
{
	struct group_identity identity;
	struct group key = { .identity = &identity }, *group, **found;

	identify(&identity, groups, snapshot, netns, owner_kind, owner, record);
	found = tfind(&key, &groups->tree, compare);
	if (found) {
		group = *found;
	} else {
		group = new_group(&identity);
		group->record = *record;
		group->process = owner;
		group->shown.row.netns = netns;
		group->shown.row.owner_kind = owner_kind;
		if (!tsearch(group, &groups->tree, compare))
			memory_exhausted(sizeof *group);
		array_reserve(groups->sorted, groups->count, groups->capacity);
		groups->sorted[groups->count++] = group;
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
	return compare(left, right);
}

void groups_sort(struct groups *groups, const struct snapshot *snapshot)
{
	if (groups->count)
		qsort(groups->sorted, groups->count, sizeof(struct group *), by_sockets);
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

static void free_group(void *data)
{
	struct group *group = data;

	port_set_free(&group->ports);
	free(group->identity);
	free(group);
}

void groups_free(struct groups *groups)
{
	tdestroy(groups->tree, free_group);
	free(groups->sorted);
}
