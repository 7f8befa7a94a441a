#include "source/artefact/saved/saved_reader.h"

#include "base/language.h"
#include "source/artefact/saved/saved_value.h"

#include <stdio.h>
#include <string.h>

/*
 * Which of the namespaces that were saved are meant, and whose processes are theirs.
 */
enum { NAMES_TOLD = 5 };

/* ---- namespaces ---- */

/* "pid 812 (nginx)" is by what it was found, and perhaps asked for when it was saved. */
static bool is_named_by_pid(const struct netns *netns, const char *pid)
{
	size_t length = strlen(pid);
	char path[64];

	snprintf(path, sizeof path, "/proc/%.20s/ns/net", pid);
	if (!strcmp(netns->name, path))
		return true;
	return !strncmp(netns->name, "pid ", 4) && !strncmp(netns->name + 4, pid, length) &&
	       netns->name[4 + length] == ' ';
}

static bool is_asked_for(const struct saved_reader *reader, const struct netns *netns)
{
	const struct saved_request *request = reader->request;
	char number[24];

	switch (request->scope) {
	case SCOPE_OWN:
		/* One that was saved alone is what is meant, whoever's it was. */
		return netns->kind == NETNS_OWN || reader->namespace_rows == 1;
	case SCOPE_HOST:
		return netns->kind == NETNS_HOST || netns->of_init;
	case SCOPE_ONE:
		snprintf(number, sizeof number, "%llu", (unsigned long long)netns->inode);
		return (netns->name && !strcmp(netns->name, request->netns)) ||
		       !strcmp(number, request->netns) ||
		       is_named_by_pid(netns, request->netns);
	default:
		return true;
	}
}

static int read_addresses(struct saved_reader *reader, size_t object, struct netns *netns)
{
	size_t array = json_find(&reader->tokens, object, "addresses", 0);

	if (!array || json_kind_of(&reader->tokens, array) != JSON_ARRAY)
		return saved_fail(reader, "addresses", _("is missing"));
	netns->local_addresses =
		arena_alloc(saved_arena(reader), (json_size_of(&reader->tokens, array) + 1) *
							 sizeof *netns->local_addresses);
	for (size_t at = array + 1;
	     netns->local_address_count < json_size_of(&reader->tokens, array) &&
	     at < reader->tokens.count;
	     at++)
		if (json_kind_of(&reader->tokens, at) != JSON_STRING ||
		    !saved_value_address(&reader->tokens, at,
					 &netns->local_addresses[netns->local_address_count++],
					 saved_arena(reader)))
			return saved_fail_value(reader, "addresses");
	return 0;
}

static int take_netns(struct saved_reader *reader, size_t object, void *item)
{
	struct netns *netns = item;

	/* The one of Windows has none. */
	if (!netns->name && netns->inode)
		return saved_fail(reader, "name", _("is missing"));
	if (read_addresses(reader, object, netns))
		return -1;
	reader->namespaces[reader->row] = SAVED_LEFT_OUT;
	if (reader->row < NAMES_TOLD && netns->name)
		reader->names = arena_print(saved_arena(reader), "%s%s%s",
					    reader->names ? reader->names : "",
					    reader->names ? ", " : "", netns->name);
	if (!is_asked_for(reader, netns))
		return 0;
	if (snapshot_find_netns(reader->snapshot, netns->inode) != UINT32_MAX)
		return saved_fail(reader, "inode", _("is there twice"));
	reader->namespaces[reader->row] = snapshot_add_netns(reader->snapshot, netns);
	return 1;
}

int saved_read_namespaces(struct saved_reader *reader)
{
	size_t array = saved_find_rows(reader, &saved_netns);

	if (!array)
		return -1;
	reader->namespace_rows = json_size_of(&reader->tokens, array);
	reader->namespaces =
		memory_zeroed(reader->namespace_rows + 1, sizeof *reader->namespaces);
	if (saved_read_rows(reader, &saved_netns, take_netns))
		return -1;
	if (reader->snapshot->namespace_count)
		return 0;
	if (reader->request->scope == SCOPE_ONE)
		return error_set(
			reader->error,
			_("--netns '%s': %s has no such network namespace; it has: %s"),
			reader->request->netns, reader->request->name,
			reader->names ? reader->names : "-");
	return error_set(reader->error,
			 _("%s: it was not saved in its own network namespace; choose one of "
			   "those that it has by --netns: %s"),
			 reader->request->name, reader->names ? reader->names : "-");
}

/* ---- processes ---- */

static bool names_process(const struct json_tokens *tokens, size_t kind)
{
	return json_is_text(tokens, kind, "process") ||
	       json_is_text(tokens, kind, "recorded") ||
	       json_is_text(tokens, kind, "inferred");
}

/* Those that have something in a namespace asked for: the others would be judged without what they have. */
static void find_holders(struct saved_reader *reader, size_t holdings)
{
	const struct json_tokens *tokens = &reader->tokens;
	size_t at = holdings + 1;

	for (size_t i = 0; i < json_size_of(tokens, holdings) && at < tokens->count; i++) {
		size_t owner = json_find(tokens, at, "owner", 0);
		size_t netns = json_find(tokens, at, "namespace", 0);
		size_t kind = json_find(tokens, at, "owner_kind", 0);
		int64_t process, row;

		if (owner && netns && kind && names_process(tokens, kind) &&
		    json_take_number(tokens, owner, 0, (int64_t)reader->process_rows - 1,
				     &process) &&
		    json_take_number(tokens, netns, 0, (int64_t)reader->namespace_rows - 1,
				     &row) &&
		    reader->namespaces[row] != SAVED_LEFT_OUT)
			reader->processes[process] = 0;
		at = json_behind(tokens, at);
	}
}

static int take_process(struct saved_reader *reader, size_t object, void *item)
{
	uint32_t *index = &reader->processes[reader->row];

	(void)object;
	if (*index == SAVED_LEFT_OUT)
		return 0;
	*index = snapshot_add_process(reader->snapshot, item);
	return 1;
}

int saved_read_processes(struct saved_reader *reader)
{
	size_t array = saved_find_rows(reader, &saved_process);
	size_t holdings = array ? saved_find_rows(reader, &saved_holding) : 0;
	bool all = reader->snapshot->namespace_count == reader->namespace_rows;

	if (!array || !holdings)
		return -1;
	reader->process_rows = json_size_of(&reader->tokens, array);
	reader->processes = memory_zeroed(reader->process_rows + 1, sizeof *reader->processes);
	for (size_t i = 0; !all && i < reader->process_rows; i++)
		reader->processes[i] = SAVED_LEFT_OUT;
	if (!all)
		find_holders(reader, holdings);
	return saved_read_rows(reader, &saved_process, take_process);
}
