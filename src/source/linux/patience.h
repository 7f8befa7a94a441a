#pragma once

/*
 * Work on files of other programs, given up after a time: a file system that answers no more
 * (network, or FUSE in a container) would hold the verdict up for ever.
 */
enum patience_end {
	PATIENCE_DONE,
	PATIENCE_OVER, /* it goes on by itself; what it works on is no longer the caller's */
	PATIENCE_NO_THREAD, /* not begun: of threads or memory there are no more */
};

/* Calls work(context) on a thread of its own. If that takes too long, the thread is left to itself
 * and calls release(context) when it comes back; so the context shares nothing with the caller. */
enum patience_end patience_run(int longest_ms, void (*work)(void *context),
			       void (*release)(void *context), void *context);
