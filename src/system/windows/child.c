#include "system/windows/child.h"

#include "base/arena.h"
#include "system/clock.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/*
 * Each child writes into a pipe that is looked into and never waited for: ReadFile() would wait for whoever else has got its
 * other end. Handles are made to be inherited for the one child that they are for, and are closed before the next.
 */
enum {
	PIPE_SIZE = 1 << 16,
	OUTPUT_MOST = 1 << 22, /* nobody prints so much of ports; the rest is passed over */
	STEP_MS = 5,
	AT_ONCE = MAXIMUM_WAIT_OBJECTS,
};

static bool make_pipe(HANDLE *reads, HANDLE *writes)
{
	SECURITY_ATTRIBUTES inherited = { sizeof inherited, NULL, TRUE };

	return CreatePipe(reads, writes, &inherited, PIPE_SIZE) &&
	       SetHandleInformation(*reads, HANDLE_FLAG_INHERIT, 0);
}

static HANDLE open_nothing(void)
{
	SECURITY_ATTRIBUTES inherited = { sizeof inherited, NULL, TRUE };

	return CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
			   &inherited, OPEN_EXISTING, 0, NULL);
}

static void start(struct child *child)
{
	STARTUPINFOW startup = { .cb = sizeof startup,
				 .dwFlags = STARTF_USESTDHANDLES | STARTF_USESHOWWINDOW,
				 .wShowWindow = SW_HIDE };
	PROCESS_INFORMATION made;
	HANDLE reads = NULL, writes = NULL, nothing = open_nothing();

	child->end = CHILD_NOT_STARTED;
	if (make_pipe(&reads, &writes)) {
		startup.hStdInput = nothing;
		startup.hStdOutput = startup.hStdError = writes;
		if (CreateProcessW(child->program, child->command, NULL, NULL, TRUE,
				   CREATE_NO_WINDOW, NULL, NULL, &startup, &made)) {
			CloseHandle(made.hThread);
			child->process = made.hProcess;
			child->pipe = reads;
		}
	}
	if (!child->process) {
		child->status = GetLastError();
		if (reads)
			CloseHandle(reads);
	}
	if (writes)
		CloseHandle(writes);
	if (nothing != INVALID_HANDLE_VALUE)
		CloseHandle(nothing);
}

/* What it has printed until now. */
static void drain(struct child *child)
{
	DWORD ready = 0, got;

	while (child->pipe && PeekNamedPipe(child->pipe, NULL, 0, NULL, &ready, NULL) &&
	       ready) {
		char bytes[4096];

		if (!ReadFile(child->pipe, bytes, sizeof bytes, &got, NULL) || !got)
			return;
		if (child->size + got > OUTPUT_MOST)
			continue;
		child->output = memory_resize(child->output, child->size + got + 1, 1);
		memcpy(child->output + child->size, bytes, got);
		child->size += got;
		child->output[child->size] = '\0';
	}
}

static void finish(struct child *child, enum child_end end)
{
	DWORD status = 0;

	drain(child);
	child->end = end;
	GetExitCodeProcess(child->process, &status);
	child->status = status;
	CloseHandle(child->process);
	CloseHandle(child->pipe);
	child->process = child->pipe = NULL;
}

static void stop(struct child *child)
{
	enum { LAST_MS = 1000 };

	TerminateProcess(child->process, 1);
	WaitForSingleObject(child->process, LAST_MS);
	finish(child, CHILD_STOPPED);
}

/* How many have not ended yet. */
static size_t look(struct child *children, size_t count, HANDLE *running)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		if (!children[i].process)
			continue;
		drain(&children[i]);
		if (WaitForSingleObject(children[i].process, 0) == WAIT_OBJECT_0)
			finish(&children[i], CHILD_ENDED);
		else
			running[left++] = children[i].process;
	}
	return left;
}

void child_run(struct child *children, size_t count, unsigned limit_ms)
{
	const double started = clock_monotonic_s();
	HANDLE running[AT_ONCE];
	size_t left;

	if (count > AT_ONCE)
		count = AT_ONCE;
	for (size_t i = 0; i < count; i++) {
		children[i].output = memory_zeroed(1, 1);
		start(&children[i]);
	}
	while ((left = look(children, count, running)) &&
	       (clock_monotonic_s() - started) * 1e3 < limit_ms)
		WaitForMultipleObjects((DWORD)left, running, FALSE, STEP_MS);
	for (size_t i = 0; i < count; i++)
		if (children[i].process)
			stop(&children[i]);
}

void child_free(struct child *child)
{
	free(child->output);
	child->output = NULL;
}
