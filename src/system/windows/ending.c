#include "system/ending.h"

#include <windows.h>

struct ending {
	HANDLE asked;	/* an event */
	HANDLE is_done; /* never set: what is waited for while the last word is said */
};

static struct ending the_ending;

/*
 * Called in a thread of its own. When the console is closed the system ends the program as soon as this returns, or after some
 * seconds (learn.microsoft.com, "HandlerRoutine callback function"): so it does not.
 */
static BOOL WINAPI take(DWORD event)
{
	SetEvent(the_ending.asked);
	if (event == CTRL_CLOSE_EVENT || event == CTRL_LOGOFF_EVENT ||
	    event == CTRL_SHUTDOWN_EVENT)
		WaitForSingleObject(the_ending.is_done, INFINITE);
	return TRUE;
}

const struct ending *ending_catch(void)
{
	if (!the_ending.asked) {
		the_ending.asked = CreateEventW(NULL, TRUE, FALSE, NULL);
		the_ending.is_done = CreateEventW(NULL, TRUE, FALSE, NULL);
	}
	if (!the_ending.asked || !SetConsoleCtrlHandler(take, TRUE))
		return NULL;
	return &the_ending;
}

bool ending_was_asked(const struct ending *ending)
{
	return ending && WaitForSingleObject(ending->asked, 0) == WAIT_OBJECT_0;
}

intptr_t ending_handle(const struct ending *ending)
{
	return ending ? (intptr_t)ending->asked : -1;
}
