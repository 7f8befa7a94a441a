#pragma once

#include "base/index.h"
#include "view/list.h"

/*
 * Sockets counted by the keys of --by. Nothing is kept per socket but its local port.
 */
struct groups {
	enum list_key keys[LIST_KEY_COUNT];
	size_t key_count;
	struct group **sorted; /* most sockets first; groups_sort() makes it */
	size_t count;

	struct group **groups;		   /* the rest is groups.c's */
	struct group_identity *identities; /* beside them */
	size_t capacity, identity_capacity;
	struct index index;
};

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

struct group {
	struct list_group shown;
	struct socket_record record; /* what shown.row.record points to */
	uint32_t process;	     /* index, where owner_is_process() */
	struct port_set ports;
	struct group_identity identity;
};

void groups_add(struct groups *groups, const struct snapshot *snapshot, uint32_t netns,
		enum owner_kind owner_kind, uint32_t owner,
		const struct socket_record *record);

/* Call when all are added; fills in the pointers to processes, which move until then. */
void groups_sort(struct groups *groups, const struct snapshot *snapshot);
void groups_free(struct groups *groups);
