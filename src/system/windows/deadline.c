#include "system/deadline.h"

#include "system/windows/console.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

static struct {
	HANDLE cleared, thread;
	DWORD milliseconds;
	char text[400];
	int stream, status;
} answer;

/* TerminateProcess() and not ExitProcess(): what does not answer may hold a lock that the latter takes. */
static DWORD WINAPI give_up(void *unused)
{
	DWORD written;

	(void)unused;
	if (WaitForSingleObject(answer.cleared, answer.milliseconds) == WAIT_OBJECT_0)
		return 0;
	if (console_is(answer.stream))
		console_write(console_handle(answer.stream), answer.text, strlen(answer.text));
	else
		WriteFile(console_handle(answer.stream), answer.text,
			  (DWORD)strlen(answer.text), &written, NULL);
	console_leave();
	TerminateProcess(GetCurrentProcess(), (UINT)answer.status);
	return 0;
}

void deadline_set(unsigned seconds, int stream, const char *text, int status)
{
	deadline_clear();
	snprintf(answer.text, sizeof answer.text, "%s", text);
	answer.stream = stream;
	answer.status = status;
	answer.milliseconds = seconds * 1000;
	answer.cleared = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (answer.cleared)
		answer.thread = CreateThread(NULL, 0, give_up, NULL, 0, NULL);
}

void deadline_clear(void)
{
	if (answer.thread) {
		SetEvent(answer.cleared);
		WaitForSingleObject(answer.thread, INFINITE);
		CloseHandle(answer.thread);
	}
	if (answer.cleared)
		CloseHandle(answer.cleared);
	answer.thread = answer.cleared = NULL;
}
