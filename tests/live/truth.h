#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "holder.h"
#include "sockets.h"

enum { TARGETS_MAX = 16, TRUTH_HOLDERS_MAX = 16 };

/* What must be possible: this call succeeds so often from now on, then fails. */
struct target {
	struct plan plan;
	char source[64];
	unsigned eligible;  /* ports in the range that are not reserved */
	unsigned available; /* further successes */
	/*
	 * A range of odd size: one call looks at all ports but one, so one success may be
	 * missing.
	 */
	bool odd;
	/* Not stated but measured beforehand, in a rehearsal: kernels differ. */
	bool rehearsed;
	/* It depends on what nobody outside the kernel can read, at least on some kernels. */
	bool uncertain;
};

struct truth_holder {
	pid_t pid;
	unsigned ports, sockets, bound;
	char what[128];
};

/* A situation's true state, as its maker knows it. */
struct truth {
	const char *situation;
	uint16_t first, last;
	unsigned valid_s; /* 0: as long as it is held */
	unsigned holder_count, target_count;
	struct truth_holder holders[TRUTH_HOLDERS_MAX];
	struct target targets[TARGETS_MAX];
};

void truth_holder(struct truth *truth, const struct held *held, const char *what);

/* Sockets without a process: TIME_WAIT, or closed with something still to send. */
void truth_nobody(struct truth *truth, unsigned ports, const char *what);

/* `truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), 100, 0)` */
struct target *truth_target(struct truth *truth, const struct plan *plan, unsigned eligible,
			    unsigned available);
#define PLAN(...) (&(const struct plan){ __VA_ARGS__ })

/*
 * `connect`, `connect_noport`, `bind0`, `autobind`, `listen_autobind`; and the errno of the
 * end.
 */
const char *truth_how(const struct plan *plan);
int truth_errno(const struct plan *plan);
const char *truth_errno_name(int error);

/* The whole as one line of JSON, without newline. */
void truth_print(const struct truth *truth, FILE *out);
