#include "portable/child.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

/*
 * There is no fork(): the child is this program once more, told by a variable of its environment what to do: how far from the
 * beginning of the program the function stands, wherever the program was put in memory.
 */
#define VARIABLE "PORTROOM_TEST_CHILD"

static uintptr_t base(void)
{
	return (uintptr_t)GetModuleHandleW(NULL);
}

void child_take_part(void)
{
	const char *distance = getenv(VARIABLE);
	union {
		uintptr_t number;
		void (*act)(void);
	} where;

	if (!distance)
		return;
	where.number = base() + (uintptr_t)strtoull(distance, NULL, 10);
	where.act();
	_exit(250);
}

/* Its standard error is `out`. */
static BOOL start(HANDLE out, PROCESS_INFORMATION *child)
{
	STARTUPINFOW how = { .cb = sizeof how,
			     .dwFlags = STARTF_USESTDHANDLES,
			     .hStdInput = GetStdHandle(STD_INPUT_HANDLE),
			     .hStdOutput = out,
			     .hStdError = out };
	wchar_t program[MAX_PATH * 4];

	if (!GetModuleFileNameW(NULL, program, sizeof program / sizeof *program))
		return FALSE;
	return CreateProcessW(program, NULL, NULL, NULL, TRUE, 0, NULL, NULL, &how, child);
}

int child_run(void (*act)(void), char *said, size_t size)
{
	SECURITY_ATTRIBUTES inherited = { .nLength = sizeof inherited,
					  .bInheritHandle = TRUE };
	union {
		uintptr_t number;
		void (*act)(void);
	} where = { .act = act };
	PROCESS_INFORMATION child;
	HANDLE in, out;
	char distance[32];
	size_t length = 0;
	DWORD got, status = (DWORD)-1;
	BOOL started;

	said[0] = '\0';
	snprintf(distance, sizeof distance, "%llu",
		 (unsigned long long)(where.number - base()));
	if (!CreatePipe(&in, &out, &inherited, 0))
		return -1;
	SetHandleInformation(in, HANDLE_FLAG_INHERIT, 0);
	_putenv_s(VARIABLE, distance);
	started = start(out, &child);
	_putenv_s(VARIABLE, "");
	CloseHandle(out);
	while (started && length < size - 1 &&
	       ReadFile(in, said + length, (DWORD)(size - 1 - length), &got, NULL) && got)
		length += got;
	said[length] = '\0';
	CloseHandle(in);
	if (!started)
		return -1;
	WaitForSingleObject(child.hProcess, INFINITE);
	GetExitCodeProcess(child.hProcess, &status);
	CloseHandle(child.hThread);
	CloseHandle(child.hProcess);
	return (int)status;
}
