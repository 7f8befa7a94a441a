#include "system/patience.h"

#include "base/arena.h"

#include <stdlib.h>
#include <windows.h>

enum state { WORKING, FINISHED, ABANDONED };

struct patience {
	void (*work)(void *context);
	void (*release)(void *context);
	void *context;
	HANDLE thread;
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

struct patience *patience_begin(void (*work)(void *context), void (*release)(void *context),
				void *context)
{
	struct patience *patience = memory_zeroed(1, sizeof *patience);

	*patience = (struct patience){ .work = work, .release = release, .context = context };
	patience->thread = CreateThread(NULL, 0, run, patience, 0, NULL);
	if (patience->thread)
		return patience;
	free(patience);
	return NULL;
}

enum patience_end patience_await(struct patience *patience, unsigned longest_ms)
{
	HANDLE thread;

	if (!patience)
		return PATIENCE_NO_THREAD;
	thread = patience->thread; /* what is given up may be gone at once */
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

enum patience_end patience_run(unsigned longest_ms, void (*work)(void *context),
			       void (*release)(void *context), void *context)
{
	return patience_await(patience_begin(work, release, context), longest_ms);
}
