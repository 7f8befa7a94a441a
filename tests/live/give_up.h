#pragma once

/*
 * Two ways out of a situation that could not be made. Both end the process; holders die with
 * it. The drivers read the difference from the exit status.
 */
enum {
	EXIT_SET_UP_FAILED = 2,
	EXIT_MISMATCH = 3, /* what was stated is not what real calls measured */
	EXIT_SKIPPED = 77, /* this kernel cannot have the situation */
};

/* Something that should work did not: one sentence on stderr. */
_Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The situation cannot exist on this kernel: `SKIP reason` on stdout. */
_Noreturn void give_up_skipping(const char *reason);
