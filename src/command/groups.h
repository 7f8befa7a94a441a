#pragma once

#include "view/list.h"

/*
 * Sockets counted by the keys of --by. Nothing is kept per socket but its local port.
 */
struct groups {
	enum list_key keys[LIST_KEY_COUNT];
	size_t key_count;
	struct group **sorted; /* most sockets first, after groups_sort() */
	size_t count, capacity;
	void *tree;
};

struct group {
	struct list_group shown;
	struct socket_record record; /* what shown.row.record points to */
	uint32_t process;	     /* index, where owner_is_process() */
	struct port_set ports;
	struct group_identity *identity;
};

void groups_add(struct groups *groups, const struct snapshot *snapshot, uint32_t netns,
		enum owner_kind owner_kind, uint32_t owner,
		const struct socket_record *record);

/* Call when all are added; fills in the pointers to processes, which move until then. */
void groups_sort(struct groups *groups, const struct snapshot *snapshot);
void groups_free(struct groups *groups);
