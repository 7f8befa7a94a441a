#include "source/windows/process/afd.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/windows/process/afd_query.h"
#include "source/windows/process/handle_look.h"
#include "system/clock.h"
#include "system/windows/error_text.h"

#include <stdlib.h>

/*
 * A crew is one thread with a list of handles. It counts what it has done, and the front looks at that. If nothing is done for
 * a moment, the front takes what there is, leaves the crew to itself and begins another behind the handle that does not
 * answer. On a busy machine a crew may just not have had its turn: when all is done, those that came back after all are
 * heard, so the moment can be short. A crew is never ended from outside, which could leave locks of the system's
 * libraries behind; it ends by itself should it ever come back, and the last to leave frees.
 *
 * NtQueryObject() and the like wait for the lock of a file that was opened for synchronous use, which its owner has as long
 * as a read is under way: System Informer asks such things by threads with a limit, too (phlib/hndlinfo.c). On Windows 7 each
 * service has such a pipe, on which it waits for its orders.
 */
const struct afd_limits afd_limits_usual = {
	.request_ms = 100,
	.patience_ms = 30,
	.handle_ms = 500,
	.stuck_most = 64,
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
	size_t asked; /* so many, or left to a crew */
	int64_t deadline_ms;
	struct late {
		struct crew *crew;
		HANDLE thread;
		size_t at;	  /* the task that it was left with */
		int64_t until_ms; /* so long an answer is expected */
	} * late;
	size_t late_count, late_capacity;
};

/* false: it was noted before. */
static bool note_untold(struct afd_walk *walk, int32_t pid)
{
	if (afd_walk_is_untold(walk, pid))
		return false;
	array_reserve(walk->untold_pids, walk->untold_count, walk->untold_capacity);
	walk->untold_pids[walk->untold_count++] = pid;
	return true;
}

static void take(struct front *front, const struct task *task)
{
	struct afd_walk *walk = front->walk;

	walk->files += task->verdict != TASK_REFUSED;
	if (task->verdict == TASK_REFUSED)
		walk->refused += note_untold(walk, task->pid);
	if (task->verdict != TASK_SOCKET)
		return;
	array_reserve(walk->sockets, walk->count, walk->capacity);
	walk->sockets[walk->count++] =
		(struct afd_socket){ task->pid, task->handle, task->endpoint };
}

/* How many of the crew's tasks were done, until all are or one takes too long. */
static size_t wait_for(const struct front *front, const struct crew *crew, HANDLE thread)
{
	enum { LOOK_EVERY_MS = 10 };
	int64_t since = clock_monotonic_ms();
	size_t done = 0;

	while (WaitForSingleObject(thread, LOOK_EVERY_MS) != WAIT_OBJECT_0) {
		size_t before = done;
		int64_t now = clock_monotonic_ms();

		done = (size_t)crew->done;
		if (done != before)
			since = now;
		if (now - since > front->limits->patience_ms || now > front->deadline_ms)
			return done;
	}
	return (size_t)crew->done;
}

/* The tasks are the crew's own, as it may stay longer than anybody, and a busy machine leaves some hundreds of crews: each
 * keeps some tens of KiB until all is heard. */
static struct crew *make_crew(const struct front *front, size_t from)
{
	enum { CREW_MOST = 512 };
	struct crew *crew = memory_zeroed(1, sizeof *crew);
	size_t left = front->count - from;

	crew->route = *front->route;
	crew->request_ms = front->limits->request_ms;
	crew->count = left < CREW_MOST ? left : CREW_MOST;
	crew->tasks = memory_zeroed(crew->count, sizeof *crew->tasks);
	memcpy(crew->tasks, front->tasks + from, crew->count * sizeof *crew->tasks);
	crew->holders = 2;
	return crew;
}

static void leave(struct front *front, const struct late *late)
{
	array_reserve(front->late, front->late_count, front->late_capacity);
	front->late[front->late_count++] = *late;
}

/* From one task on; how many are done with, or left to a crew. -1: no thread could be had. */
static int64_t send_crew(struct front *front, size_t from)
{
	struct crew *crew = make_crew(front, from);
	HANDLE thread = CreateThread(NULL, 0, work, crew, 0, NULL);
	size_t done;

	if (!thread) {
		free(crew->tasks);
		free(crew);
		return -1;
	}
	done = wait_for(front, crew, thread);
	InterlockedExchange(&crew->abandoned, 1);
	for (size_t i = 0; i < done; i++)
		take(front, &crew->tasks[i]);
	if (done < crew->count) {
		leave(front,
		      &(struct late){ crew, thread, done,
				      clock_monotonic_ms() + front->limits->handle_ms });
		return (int64_t)done + 1;
	}
	front->walk->stuck += (unsigned)crew->unanswered;
	CloseHandle(thread);
	let_go(crew);
	return (int64_t)done;
}

static bool has_answered(const struct late *late)
{
	return (size_t)late->crew->done > late->at;
}

static unsigned count_stuck(const struct front *front)
{
	unsigned stuck = front->walk->stuck;

	for (size_t i = 0; i < front->late_count; i++)
		stuck += !has_answered(&front->late[i]) +
			 (unsigned)front->late[i].crew->unanswered;
	return stuck;
}

/* Each of those that were left has all of its time. */
static void wait_for_late(const struct front *front)
{
	for (size_t i = 0; i < front->late_count; i++) {
		int64_t left_ms = front->late[i].until_ms - clock_monotonic_ms();

		WaitForSingleObject(front->late[i].thread, left_ms > 0 ? (DWORD)left_ms : 0);
	}
}

static bool too_many_are_stuck(const struct front *front)
{
	if (count_stuck(front) <= front->limits->stuck_most)
		return false;
	wait_for_late(front);
	return count_stuck(front) > front->limits->stuck_most;
}

/* Of a crew that was left, the one answer that it may have had all the same. */
static void hear_late(struct front *front)
{
	wait_for_late(front);
	for (size_t i = 0; i < front->late_count; i++) {
		struct late *late = &front->late[i];

		if (has_answered(late)) {
			take(front, &late->crew->tasks[late->at]);
		} else {
			front->walk->files++;
			front->walk->stuck++;
		}
		front->walk->stuck += (unsigned)late->crew->unanswered;
		CloseHandle(late->thread);
		let_go(late->crew);
	}
	free(front->late);
}

static int send_crews(struct front *front, struct error *error)
{
	size_t *at = &front->asked;

	while (*at < front->count) {
		int64_t done;

		if (clock_monotonic_ms() > front->deadline_ms || too_many_are_stuck(front)) {
			front->walk->is_cut = true;
			return 0;
		}
		done = send_crew(front, *at);
		if (done < 0)
			return error_set(error, "%s", error_text(ERROR_NOT_ENOUGH_MEMORY));
		*at += (size_t)done;
	}
	return 0;
}

static int ask_all(struct front *front, struct error *error)
{
	int result = send_crews(front, error);

	hear_late(front);
	for (size_t i = front->asked; i < front->count; i++)
		note_untold(front->walk, front->tasks[i].pid);
	free(front->tasks);
	if (result)
		afd_walk_free(front->walk);
	return result;
}

/* ---- what is to be asked ---- */

/* What the kernel itself has open, number 4, are no sockets of the library of sockets. */
enum { SYSTEM_PID = 4 };

/*
 * With this access the library of sockets opens \Device\Afd: to read and to write, SYNCHRONIZE, WRITE_DAC. Without the last
 * where it may not have it, and then with that of any pipe: so who has it is asked first, but nobody is passed over who has
 * not. Where too many pipes do not answer, the sockets were asked before.
 */
enum { SOCKET_ACCESS = 0x16019f };

static void add_task(struct front *front, int32_t pid, uint64_t handle)
{
	array_reserve(front->tasks, front->count, front->capacity);
	front->tasks[front->count++] = (struct task){ .pid = pid, .handle = handle };
}

static bool is_wanted(const struct handle_look *look, const struct handle_entry *entry,
		      int32_t pid)
{
	return entry->type == look->file_type && entry->pid > SYSTEM_PID &&
	       (!pid || entry->pid == pid);
}

static void list_tasks(struct front *front, const struct handle_look *look, int32_t pid,
		       bool as_sockets)
{
	for (size_t i = 0; i < look->table.count; i++) {
		struct handle_entry entry = handle_table_at(&look->table, i);

		if (is_wanted(look, &entry, pid) &&
		    (entry.access == SOCKET_ACCESS) == as_sockets)
			add_task(front, entry.pid, entry.handle);
	}
}

static unsigned count_processes(const struct handle_look *look, int32_t pid)
{
	unsigned processes = 0;
	int32_t last = 0;

	for (size_t i = 0; i < look->table.count; i++) {
		struct handle_entry entry = handle_table_at(&look->table, i);

		if (!is_wanted(look, &entry, pid))
			continue;
		processes += entry.pid != last;
		last = entry.pid;
	}
	return processes;
}

static struct front front_of(struct afd_walk *walk, const struct nt_route *route,
			     const struct afd_limits *limits)
{
	*walk = (struct afd_walk){ NULL };
	return (struct front){
		.walk = walk,
		.route = route,
		.limits = limits,
		.deadline_ms = clock_monotonic_ms() + limits->walk_ms,
	};
}

int afd_walk(struct afd_walk *walk, const struct nt_route *route,
	     const struct handle_look *look, int32_t pid, const struct afd_limits *limits,
	     struct error *error)
{
	struct front front = front_of(walk, route, limits);

	if (look->file_type < 0)
		return error_set(error, "%s",
				 _("which of the handles are files could not be learned"));
	walk->processes = count_processes(look, pid);
	list_tasks(&front, look, pid, true);
	list_tasks(&front, look, pid, false);
	return ask_all(&front, error);
}

int afd_walk_again(struct afd_walk *walk, const struct nt_route *route,
		   const struct afd_socket *sockets, size_t count,
		   const struct afd_limits *limits, struct error *error)
{
	struct front front = front_of(walk, route, limits);

	for (size_t i = 0; i < count; i++)
		add_task(&front, sockets[i].pid, sockets[i].handle);
	return ask_all(&front, error);
}

void afd_walk_free(struct afd_walk *walk)
{
	free(walk->sockets);
	free(walk->untold_pids);
	*walk = (struct afd_walk){ NULL };
}

/* The last one it is, as a rule: handles come by process. */
bool afd_walk_is_untold(const struct afd_walk *walk, int32_t pid)
{
	for (size_t i = walk->untold_count; i--;)
		if (walk->untold_pids[i] == pid)
			return true;
	return false;
}
