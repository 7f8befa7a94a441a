#include "source/windows/trace/session_guard.h"

#include "source/windows/trace/session.h"

#include <windows.h>

static struct session *volatile guarded;

/* In a thread of the system's own, whatever else goes on. FALSE: then the program ends as it would have. */
static BOOL WINAPI stop(DWORD event)
{
	struct session *session = InterlockedExchangePointer((void *volatile *)&guarded, NULL);

	(void)event;
	if (session)
		session_stop(session);
	return FALSE;
}

void session_guard(struct session *session)
{
	guarded = session;
	SetConsoleCtrlHandler(stop, TRUE);
}

void session_unguard(struct session *session)
{
	if (InterlockedCompareExchangePointer((void *volatile *)&guarded, NULL, session) ==
	    session)
		SetConsoleCtrlHandler(stop, FALSE);
}
