#include "action/windows/range_guard.h"

#include "action/windows/range_change.h"
#include "action/windows/range_record.h"
#include "base/language.h"
#include "system/windows/error_text.h"

#include <string.h>
#include <windows.h>

/*
 * Theory of operation, as on Linux (action/linux/range_guard.c). The front starts the guard, writes the record with the
 * guard's pid, says "go", and changes rows only when the guard has answered. Whoever may be killed when:
 *
 *   the front, before the record is written      the guard sees the pipe close, finds no record of its own, ends
 *   the front, later                             the record says that a change had begun: the next portroom sets it back;
 *                                                if none comes, the guard does at the deadline
 *   the guard                                    the record outlives it: range_overdue()
 *   Windows is started again                     "active" ends with it, and so does the record
 *
 * To confirm or to undo replaces or removes the record. The guard has no console, so that the closing of one does not end it;
 * logging off does, and then it is for the next portroom.
 */
enum { GO = 'g', CANCEL = 'c', READY = 'r' };
enum { STEP_MS = 250, ANSWER_MS = 15000 };

/* Until the range is set back, or is no longer the trial's: what hinders it may go on for hours. */
enum { TRY_MS = 1000, TRY_LATER_MS = 10000, SOON = 60 };

/* ---- the guard ---- */

enum post { OURS, REPLACED, REMOVED, UNREADABLE };

static enum post look(const struct range_tools *tools, struct range_record *record)
{
	struct range_record now;
	struct error error;
	int found = range_record_read(tools->folder, &now, &error);

	if (found < 0)
		return UNREADABLE;
	if (!found)
		return REMOVED;
	if (now.guard != GetCurrentProcessId())
		return REPLACED;
	*record = now; /* the deadline is set anew when the change has ended */
	return OURS;
}

/* Where it was undone nothing is what it was to be, and nothing is changed. */
static bool roll_back_once(const struct range_tools *tools, struct range_record *record)
{
	struct range_folder folder;
	struct error error;
	enum post post;
	bool done;

	if (range_folder_open(&folder, tools->folder, &error))
		return false;
	post = look(tools, record);
	done = post == REPLACED ||
	       (post != UNREADABLE && range_change_back(tools->netsh, record, &error) != -1);
	if (done && post == OURS)
		range_record_drop(&folder);
	range_folder_close(&folder);
	return done;
}

void range_guard_roll_back(const struct range_tools *tools, struct range_record *record)
{
	for (unsigned tries = 1; !roll_back_once(tools, record); tries++)
		tools->rest(tries < SOON ? TRY_MS : TRY_LATER_MS);
}

/* Nobody but a guard knows the way back if somebody has removed the record. */
static void watch_over(const struct range_tools *tools, struct range_record *record)
{
	enum post post;

	while (((post = look(tools, record)) == OURS || post == UNREADABLE) &&
	       range_left_ms(record) > 0)
		tools->rest(STEP_MS);
	if (post != REPLACED)
		range_guard_roll_back(tools, record);
}

static bool say_ready(HANDLE out)
{
	const char ready = READY;
	DWORD wrote;

	return WriteFile(out, &ready, 1, &wrote, NULL) && wrote == 1;
}

/* Told to go, or left alone by a front that has ended. */
static void stand_by(const struct range_tools *tools)
{
	HANDLE in = GetStdHandle(STD_INPUT_HANDLE), out = GetStdHandle(STD_OUTPUT_HANDLE);
	struct range_record record;
	char word = 0;
	DWORD got = 0;

	if (!say_ready(out))
		return;
	if (!ReadFile(in, &word, 1, &got, NULL))
		got = 0;
	if ((got && word == CANCEL) || look(tools, &record) != OURS)
		return;
	(void)say_ready(out); /* whether anybody is there to hear it or not */
	CloseHandle(in);
	CloseHandle(out);
	watch_over(tools, &record);
}

int range_guard_main(const struct range_tools *tools)
{
	void *post = range_record_guard(tools->folder);

	if (!post)
		return 1;
	stand_by(tools);
	CloseHandle(post);
	return 0;
}

/* ---- the front ---- */

static int no_guard(struct error *error)
{
	return error_set(error,
			 _("the process that would roll the change back ended at once"));
}

/* Not for ever: a filter of programs may have stopped it. */
static int await_answer(const struct range_guard *guard, struct error *error)
{
	char word = 0;
	DWORD ready, got;

	for (int waited = 0; waited < ANSWER_MS; waited += 10) {
		if (!PeekNamedPipe(guard->answer, NULL, 0, NULL, &ready, NULL))
			return no_guard(error);
		if (ready)
			return ReadFile(guard->answer, &word, 1, &got, NULL) && word == READY ?
				       0 :
				       no_guard(error);
		Sleep(10);
	}
	return error_set(error,
			 _("the process that would roll the change back gives no answer"));
}

static bool make_pipe(HANDLE *reads, HANDLE *writes, HANDLE *own)
{
	SECURITY_ATTRIBUTES inherited = { sizeof inherited, NULL, TRUE };

	return CreatePipe(reads, writes, &inherited, 0) &&
	       SetHandleInformation(*own, HANDLE_FLAG_INHERIT, 0);
}

static bool create(const wchar_t *program, STARTUPINFOEXW *startup, PROCESS_INFORMATION *made)
{
	static const DWORD ways[] = { CREATE_BREAKAWAY_FROM_JOB, 0 };
	wchar_t folder[MAX_PATH] = L"C:\\";
	wchar_t command[] = L"portroom range guard";

	GetSystemDirectoryW(folder, MAX_PATH);
	/* The job of a session over the network ends with it, and whoever is in it. Not every job lets go. */
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (CreateProcessW(program, command, NULL, NULL, TRUE,
				   DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP |
					   EXTENDED_STARTUPINFO_PRESENT | ways[i],
				   NULL, folder, &startup->StartupInfo, made))
			return true;
	return false;
}

/* It gets its two pipes and nothing else: whoever waits for the end of our output must not wait for its. */
static bool create_with(HANDLE handles[2], PROCESS_INFORMATION *made)
{
	STARTUPINFOEXW startup = {
		.StartupInfo = { .cb = sizeof startup,
				 .dwFlags = STARTF_USESTDHANDLES,
				 .hStdInput = handles[0],
				 .hStdOutput = handles[1] },
	};
	union {
		char bytes[512];
		void *aligned;
	} room;
	SIZE_T size = sizeof room;
	wchar_t program[MAX_PATH * 4];
	DWORD length = GetModuleFileNameW(NULL, program, sizeof program / sizeof *program);
	bool made_it;

	startup.lpAttributeList = (void *)room.bytes;
	if (!length || length >= sizeof program / sizeof *program ||
	    !InitializeProcThreadAttributeList(startup.lpAttributeList, 1, 0, &size))
		return false;
	made_it = UpdateProcThreadAttribute(startup.lpAttributeList, 0,
					    PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles,
					    2 * sizeof *handles, NULL, NULL) &&
		  create(program, &startup, made);
	DeleteProcThreadAttributeList(startup.lpAttributeList);
	return made_it;
}

static void close_handle(void **handle)
{
	if (*handle)
		CloseHandle(*handle);
	*handle = NULL;
}

int range_guard_start(struct range_guard *guard, struct error *error)
{
	HANDLE its[2] = { NULL, NULL };
	PROCESS_INFORMATION made;

	*guard = (struct range_guard){ .pid = 0 };
	if (make_pipe(&its[0], &guard->go, &guard->go) &&
	    make_pipe(&guard->answer, &its[1], &guard->answer) && create_with(its, &made)) {
		guard->process = made.hProcess;
		guard->pid = made.dwProcessId;
		CloseHandle(made.hThread);
	} else {
		error_set(
			error,
			_("the process that would roll the change back cannot be started: %s"),
			error_text(GetLastError()));
	}
	close_handle(&its[0]);
	close_handle(&its[1]);
	if (guard->process && !await_answer(guard, error))
		return 0;
	range_guard_close(guard);
	return -1;
}

static bool tell(const struct range_guard *guard, char word)
{
	DWORD wrote;

	return WriteFile(guard->go, &word, 1, &wrote, NULL) && wrote == 1;
}

int range_guard_go(struct range_guard *guard, struct error *error)
{
	return tell(guard, GO) ? await_answer(guard, error) : no_guard(error);
}

void range_guard_cancel(struct range_guard *guard)
{
	enum { END_MS = 3000 };

	if (tell(guard, CANCEL))
		WaitForSingleObject(guard->process, END_MS);
	range_guard_close(guard);
}

void range_guard_close(struct range_guard *guard)
{
	close_handle(&guard->go);
	close_handle(&guard->answer);
	close_handle(&guard->process);
}
