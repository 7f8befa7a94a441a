#include "source/windows/process/handles.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/windows/process/afd.h"
#include "source/windows/process/handle_look.h"
#include "source/windows/process/nt.h"
#include "source/windows/process/privilege.h"
#include "source/windows/process/process.h"

#include <stdlib.h>
#include <string.h>

/*
 * How many handles a process has is known of all; which of them are sockets takes a right on the process. Kinds are the types of
 * the system itself, with sockets apart from other files: struct process, `kinds`.
 */
enum { TYPES = UINT16_MAX + 1, TYPE_NAME = 128 };

struct count {
	struct handles *handles;
	struct snapshot *snapshot;
	struct nt_route route;
	struct handle_look look;
	struct afd_walk walk;
	bool has_walked;
};

static int by_pid(const void *a, const void *b)
{
	int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;

	return (left > right) - (left < right);
}

/* How many of the sorted numbers are that one. */
static int64_t count_of(const int32_t *pids, size_t count, int32_t pid)
{
	size_t from = 0, to = count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (pids[middle] < pid)
			from = middle + 1;
		else
			to = middle;
	}
	for (to = from; to < count && pids[to] == pid;)
		to++;
	return (int64_t)(to - from);
}

static int32_t *list_owners(const struct handle_table *table)
{
	int32_t *pids = memory_zeroed(table->count + 1, sizeof *pids);

	for (size_t i = 0; i < table->count; i++)
		pids[i] = handle_table_at(table, i).pid;
	qsort(pids, table->count, sizeof *pids, by_pid);
	return pids;
}

static int32_t *list_sockets(const struct afd_walk *walk)
{
	int32_t *pids = memory_zeroed(walk->count + 1, sizeof *pids);

	for (size_t i = 0; i < walk->count; i++)
		pids[i] = walk->sockets[i].pid;
	qsort(pids, walk->count, sizeof *pids, by_pid);
	return pids;
}

static void add(struct count *count, uint32_t index, int64_t all, int64_t sockets)
{
	struct process *process = &count->snapshot->processes[index];
	struct handles *handles = count->handles;
	struct handle_count added = { .process = index, .count = all };

	if (!count->has_walked || afd_walk_is_untold(&count->walk, process->pid))
		sockets = -1;
	process->descriptors = all;
	process->socket_descriptors = sockets;
	added.kinds[HANDLE_SOCKET] = sockets;
	array_reserve(handles->items, handles->count, handles->capacity);
	handles->items[handles->count++] = added;
}

/* ---- kinds ---- */

static int by_count(const void *a, const void *b)
{
	const struct open_kind *left = a, *right = b;

	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return strcmp(left->name, right->name);
}

static const char *name_of_type(struct count *count, uint16_t type, int32_t pid)
{
	char name[TYPE_NAME];

	if (!handle_look_type_name(&count->route, &count->look, type, pid, name, sizeof name))
		return arena_print(&count->snapshot->arena, "type %u", type);
	return arena_copy(&count->snapshot->arena, name);
}

static void add_kind(struct process *process, const char *name, int64_t count)
{
	if (count > 0)
		process->kinds[process->kind_count++] = (struct open_kind){ name, count };
}

static void tell_kinds(struct count *count, struct process *process)
{
	const struct handle_table *table = &count->look.table;
	int64_t *types = memory_zeroed(TYPES, sizeof *types), sockets;
	size_t kinds = 1;

	for (size_t i = 0; i < table->count; i++) {
		struct handle_entry entry = handle_table_at(table, i);

		if (entry.pid == process->pid)
			kinds += !types[entry.type]++;
	}
	process->kinds = arena_alloc(&count->snapshot->arena, kinds * sizeof *process->kinds);
	sockets = process->socket_descriptors > 0 ? process->socket_descriptors : 0;
	if (count->look.file_type >= 0)
		types[count->look.file_type] -= sockets;
	add_kind(process, OPEN_KIND_AFD, sockets);
	for (unsigned type = 0; type < TYPES; type++)
		if (types[type] > 0)
			add_kind(process, name_of_type(count, (uint16_t)type, process->pid),
				 types[type]);
	qsort(process->kinds, process->kind_count, sizeof *process->kinds, by_count);
	free(types);
}

/* ---- processes ---- */

static void count_one(struct count *count, struct processes *processes, int32_t pid)
{
	uint32_t index = processes_index(processes, pid);
	int64_t all = 0;

	for (size_t i = 0; i < count->look.table.count; i++)
		all += handle_table_at(&count->look.table, i).pid == pid;
	add(count, index, all, (int64_t)count->walk.count);
	tell_kinds(count, &count->snapshot->processes[index]);
}

static void count_all(struct count *count, struct processes *processes)
{
	int32_t *owners = list_owners(&count->look.table),
		*sockets = list_sockets(&count->walk);

	for (size_t i = 0; i < processes_seen(processes); i++) {
		int32_t pid = processes_seen_pid(processes, i);

		add(count, processes_index(processes, pid),
		    count_of(owners, count->look.table.count, pid),
		    count_of(sockets, count->walk.count, pid));
	}
	free(owners);
	free(sockets);
}

static bool is_seen(const struct processes *processes, int32_t pid)
{
	for (size_t i = 0; i < processes_seen(processes); i++)
		if (processes_seen_pid(processes, i) == pid)
			return true;
	return false;
}

static int count_handles(struct count *count, struct processes *processes, int32_t pid,
			 struct error *error)
{
	struct error ignored;

	if (!processes_seen(processes))
		return error_set(error, "%s", _("what processes there are cannot be read"));
	if (pid && !is_seen(processes, pid))
		return error_set(error, _("there is no process %d"), pid);
	if (handle_look_open(&count->route, &count->look, error))
		return -1;
	/* Without it there are numbers of handles all the same. */
	count->has_walked = !afd_walk(&count->walk, &count->route, &count->look, pid,
				      &afd_limits_usual, &ignored);
	if (count->has_walked) {
		count->handles->refused = count->walk.refused;
		count->handles->unanswered = count->walk.stuck;
	}
	if (pid)
		count_one(count, processes, pid);
	else
		count_all(count, processes);
	if (count->has_walked)
		afd_walk_free(&count->walk);
	handle_look_close(&count->look);
	return 0;
}

int handles_read_by(const struct nt_route *route, struct handles *handles,
		    struct snapshot *snapshot, int32_t pid, struct error *error)
{
	struct count count = { .handles = handles, .snapshot = snapshot, .route = *route };
	struct processes *processes = processes_open(snapshot);
	int result;

	*handles = (struct handles){ 0 };
	result = count_handles(&count, processes, pid, error);
	processes_close(processes);
	return result;
}

int handles_read(struct handles *handles, struct snapshot *snapshot, const char *root,
		 int32_t pid, struct error *error)
{
	struct nt_route route;

	*handles = (struct handles){ 0 };
	if (root)
		return error_set(error, "%s", _("a copied /proc is read on Linux only"));
	privilege_debug();
	nt_find(&route);
	return handles_read_by(&route, handles, snapshot, pid, error);
}
