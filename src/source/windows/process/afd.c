#include "source/windows/process/afd.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/windows/process/afd_query.h"
#include "source/windows/process/handle_look.h"
#include "system/clock.h"
#include "system/windows/error_text.h"

#include <stdlib.h>

/*
 * A crew is one thread with a list of handles. It counts what it has done; the front looks at that whenever it has waited as
 * long as one handle may take. If nothing was done meanwhile the crew is stuck: the front takes what there is, leaves the
 * crew to itself and begins another behind the handle that does not answer. A crew is never ended from outside, which could
 * leave locks of the system's libraries behind; it ends by itself should it ever come back, and the last to leave frees.
 * On a busy machine a crew may just not have had its turn: when all is done, those that came back after all are heard.
 *
 * NtQueryObject() and the like wait for the lock of a file that was opened for synchronous use, which its owner has as long
 * as a read is under way: System Informer asks such things by threads with a limit, too (phlib/hndlinfo.c).
 */
const struct afd_limits afd_limits_usual = {
	.request_ms = 100,
	.handle_ms = 500,
	.stuck_most = 8,
	.walk_ms = 15000,
};

enum verdict { TASK_OTHER, TASK_SOCKET, TASK_REFUSED };

struct task {
	int32_t pid;
	uint64_t handle;
	enum verdict verdict;
	struct afd_endpoint endpoint;
};

struct crew {
	struct nt_route route;
	unsigned request_ms;
	struct task *tasks;
	size_t count;
	volatile LONG done;	 /* so many tasks have their verdict */
	volatile LONG abandoned; /* the front has gone */
	volatile LONG unanswered;
	volatile LONG holders;
};

/* ---- the thread ---- */

static void let_go(struct crew *crew)
{
	if (InterlockedDecrement(&crew->holders))
		return;
	free(crew->tasks);
	free(crew);
}

static void ask(struct crew *crew, struct afd_query *query, HANDLE process, struct task *task)
{
	HANDLE copy;

	if (!process) {
		task->verdict = TASK_REFUSED;
		return;
	}
	if (!crew->route.duplicate(process, (HANDLE)(uintptr_t)task->handle,
				   GetCurrentProcess(), &copy, 0, FALSE,
				   DUPLICATE_SAME_ACCESS))
		return; /* it was closed meanwhile */
	if (afd_query_endpoint(query, copy, &task->endpoint))
		task->verdict = TASK_SOCKET;
	crew->route.close(copy);
}

static DWORD WINAPI work(void *opaque)
{
	struct crew *crew = opaque;
	struct afd_query query;
	HANDLE process = NULL;
	int32_t pid = 0;

	afd_query_init(&query, &crew->route, crew->request_ms);
	for (size_t i = 0; i < crew->count && !crew->abandoned; i++) {
		struct task *task = &crew->tasks[i];

		if (task->pid != pid) {
			if (process)
				crew->route.close(process);
			pid = task->pid;
			process = crew->route.open_process(PROCESS_DUP_HANDLE, FALSE,
							   (DWORD)pid);
		}
		ask(crew, &query, process, task);
		crew->unanswered = (LONG)query.unanswered;
		InterlockedIncrement(&crew->done); /* and all before it is to be seen */
	}
	if (process)
		crew->route.close(process);
	afd_query_free(&query);
	let_go(crew);
	return 0;
}

/* ---- the front ---- */

struct front {
	struct afd_walk *walk;
	const struct nt_route *route;
	const struct afd_limits *limits;
	struct task *tasks;
	size_t count, capacity;
	int64_t deadline_ms;
	struct late {
		struct crew *crew;
		size_t at; /* the task that it was stuck with */
		unsigned unanswered;
	} * late;
	size_t late_count, late_capacity;
};

static void take(struct front *front, const struct task *task)
{
	struct afd_walk *walk = front->walk;

	walk->files += task->verdict != TASK_REFUSED;
	if (task->verdict == TASK_REFUSED && !afd_walk_was_refused(walk, task->pid)) {
		array_reserve(walk->refused_pids, walk->refused_count, walk->refused_capacity);
		walk->refused_pids[walk->refused_count++] = task->pid;
		walk->refused++;
	}
	if (task->verdict != TASK_SOCKET)
		return;
	array_reserve(walk->sockets, walk->count, walk->capacity);
	walk->sockets[walk->count++] =
		(struct afd_socket){ task->pid, task->handle, task->endpoint };
}

/* How many of the crew's tasks were done, until all are or it does nothing more in time. */
static size_t wait_for(struct front *front, struct crew *crew, HANDLE thread)
{
	size_t before = SIZE_MAX;

	while (WaitForSingleObject(thread, front->limits->handle_ms) != WAIT_OBJECT_0) {
		size_t done = (size_t)crew->done;

		if (done == before || clock_monotonic_ms() > front->deadline_ms)
			return done;
		before = done;
	}
	return (size_t)crew->done;
}

static struct crew *make_crew(struct front *front, size_t from)
{
	struct crew *crew = memory_zeroed(1, sizeof *crew);

	crew->route = *front->route;
	crew->request_ms = front->limits->request_ms;
	crew->count = front->count - from;
	crew->tasks = memory_zeroed(crew->count, sizeof *crew->tasks);
	memcpy(crew->tasks, front->tasks + from, crew->count * sizeof *crew->tasks);
	crew->holders = 2;
	return crew;
}

/* From one task on; how many have an answer or never will. -1: no thread could be had. */
static int64_t send_crew(struct front *front, size_t from)
{
	struct crew *crew = make_crew(front, from);
	HANDLE thread = CreateThread(NULL, 0, work, crew, 0, NULL);
	size_t done, all = crew->count;
	struct late late = { .crew = crew };

	if (!thread) {
		free(crew->tasks);
		free(crew);
		return -1;
	}
	done = wait_for(front, crew, thread);
	InterlockedExchange(&crew->abandoned, 1);
	for (size_t i = 0; i < done; i++)
		take(front, &crew->tasks[i]);
	late.at = done;
	late.unanswered = (unsigned)crew->unanswered;
	front->walk->stuck += late.unanswered;
	CloseHandle(thread);
	if (done == all || clock_monotonic_ms() > front->deadline_ms) {
		front->walk->is_cut = done < all;
		let_go(crew);
		return (int64_t)done;
	}
	array_reserve(front->late, front->late_count, front->late_capacity);
	front->late[front->late_count++] = late;
	front->walk->stuck++;
	front->walk->files++;
	return (int64_t)done + 1;
}

/* Of a crew that was given up, the one answer that it may have had all the same. */
static void hear_late(struct front *front)
{
	for (size_t i = 0; i < front->late_count; i++) {
		struct late *late = &front->late[i];

		if ((size_t)late->crew->done > late->at) {
			front->walk->files--;
			front->walk->stuck--;
			front->walk->stuck +=
				(unsigned)late->crew->unanswered - late->unanswered;
			take(front, &late->crew->tasks[late->at]);
		}
		let_go(late->crew);
	}
	free(front->late);
}

static int send_crews(struct front *front, struct error *error)
{
	size_t at = 0;

	while (at < front->count && !front->walk->is_cut) {
		int64_t done = send_crew(front, at);

		if (done < 0)
			return error_set(error, "%s", error_text(ERROR_NOT_ENOUGH_MEMORY));
		at += (size_t)done;
		if (at < front->count && front->walk->stuck > front->limits->stuck_most)
			front->walk->is_cut = true;
	}
	return 0;
}

/* ---- what is to be asked ---- */

/* What the kernel itself has open, number 4, are no sockets of the library of sockets. */
enum { SYSTEM_PID = 4 };

static void list_tasks(struct front *front, const struct handle_look *look, int32_t pid)
{
	int32_t last = 0;

	for (size_t i = 0; i < look->table.count; i++) {
		struct handle_entry entry = handle_table_at(&look->table, i);

		if (entry.type != look->file_type || entry.pid <= SYSTEM_PID ||
		    (pid && entry.pid != pid))
			continue;
		array_reserve(front->tasks, front->count, front->capacity);
		front->tasks[front->count++] =
			(struct task){ .pid = entry.pid, .handle = entry.handle };
		front->walk->processes += entry.pid != last;
		last = entry.pid;
	}
}

int afd_walk(struct afd_walk *walk, const struct nt_route *route,
	     const struct handle_look *look, int32_t pid, const struct afd_limits *limits,
	     struct error *error)
{
	struct front front = {
		.walk = walk,
		.route = route,
		.limits = limits,
		.deadline_ms = clock_monotonic_ms() + limits->walk_ms,
	};
	int result;

	*walk = (struct afd_walk){ NULL };
	if (look->file_type < 0)
		return error_set(error, "%s",
				 _("which of the handles are files could not be learned"));
	list_tasks(&front, look, pid);
	result = send_crews(&front, error);
	hear_late(&front);
	free(front.tasks);
	if (result)
		afd_walk_free(walk);
	return result;
}

void afd_walk_free(struct afd_walk *walk)
{
	free(walk->sockets);
	free(walk->refused_pids);
	*walk = (struct afd_walk){ NULL };
}

/* The last one it is, as a rule: handles come by process. */
bool afd_walk_was_refused(const struct afd_walk *walk, int32_t pid)
{
	for (size_t i = walk->refused_count; i--;)
		if (walk->refused_pids[i] == pid)
			return true;
	return false;
}
