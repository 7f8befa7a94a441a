#include "system/patience.h"

#include "base/arena.h"

#include <stdlib.h>
#include <windows.h>

enum state { WORKING, FINISHED, ABANDONED };

struct patience {
	void (*work)(void *context);
	void (*release)(void *context);
	void *context;
	volatile LONG state; /* whoever finds that the other has left it ends all */
};

static DWORD WINAPI run(void *argument)
{
	struct patience *patience = argument;

	patience->work(patience->context);
	if (InterlockedCompareExchange(&patience->state, FINISHED, WORKING) == ABANDONED) {
		patience->release(patience->context);
		free(patience);
	}
	return 0;
}

enum patience_end patience_run(unsigned longest_ms, void (*work)(void *context),
			       void (*release)(void *context), void *context)
{
	struct patience *patience = memory_zeroed(1, sizeof *patience);
	HANDLE thread;

	*patience = (struct patience){ .work = work, .release = release, .context = context };
	thread = CreateThread(NULL, 0, run, patience, 0, NULL);
	if (!thread) {
		free(patience);
		return PATIENCE_NO_THREAD;
	}
	WaitForSingleObject(thread, longest_ms);
	if (InterlockedCompareExchange(&patience->state, ABANDONED, WORKING) == WORKING) {
		CloseHandle(thread);
		return PATIENCE_OVER;
	}
	WaitForSingleObject(thread, INFINITE); /* it has nothing more to do than to end */
	CloseHandle(thread);
	free(patience);
	return PATIENCE_DONE;
}
