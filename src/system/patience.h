#pragma once

/*
 * Work that asks somebody else, given up after a time: files of a file system that answers no more (a share, or FUSE in a
 * container), a service that hangs. They would hold the verdict up for ever.
 */
struct patience;

enum patience_end {
	PATIENCE_DONE,
	PATIENCE_OVER, /* it goes on by itself; what it works on is no longer the caller's */
	PATIENCE_NO_THREAD, /* not begun: of threads or memory there are no more */
};

/* Calls work(context) on a thread of its own. If that takes too long, the thread is left to itself
 * and calls release(context) when it comes back; so the context shares nothing with the caller. Such a thread is never
 * ended from outside: it may hold locks of the system's libraries. */
enum patience_end patience_run(unsigned longest_ms, void (*work)(void *context),
			       void (*release)(void *context), void *context);

/* The same in two steps, for several at a time. NULL: there is no thread; patience_await() takes that, too. */
struct patience *patience_begin(void (*work)(void *context), void (*release)(void *context),
				void *context);
enum patience_end patience_await(struct patience *patience, unsigned longest_ms);
