#pragma once

#include "snapshot/snapshot.h"

struct json;
struct view_style;

/*
 * Rows of portroom list: a socket each, or a group of sockets that are alike in the keys asked for.
 */
enum list_key {
	LIST_NETNS,
	LIST_PROTOCOL,
	LIST_STATE,
	LIST_PROCESS,
	LIST_PID,
	LIST_USER,
	LIST_UNIT,
	LIST_CONTAINER,
	LIST_LOCAL,
	LIST_PORT,
	LIST_REMOTE,
	LIST_REMOTE_PORT,
	LIST_KEY_COUNT
};

/* As --by takes it: "state", "src", ... */
const char *list_key_word(enum list_key key);

struct list_row {
	const struct snapshot *snapshot;
	uint32_t netns;
	enum owner_kind owner_kind;
	const struct process *process; /* NULL unless owner_is_process() */
	const struct socket_record *record;
};

struct list_group {
	struct list_row row; /* one of its sockets; only the keys below are common to all */
	uint64_t sockets, ports;
};

/*
 * As text a row is one line where style->width is 0, for awk; on a terminal what does not fit in the
 * line goes on below, indented. Headings are the names of the keys and not translated.
 */
void list_heading_text(const struct snapshot *snapshot, const struct view_style *style);
void list_row_text(const struct list_row *row, const struct view_style *style);
void list_row_json(const struct list_row *row, struct json *json);

void list_group_heading_text(const struct snapshot *snapshot, const enum list_key *keys,
			     size_t count, const struct view_style *style);
void list_group_text(const struct list_group *group, const enum list_key *keys, size_t count,
		     const struct view_style *style);
void list_group_json(const struct list_group *group, const enum list_key *keys, size_t count,
		     struct json *json);
