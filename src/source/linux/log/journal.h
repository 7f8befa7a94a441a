#pragma once

#include "base/error.h"
#include "snapshot/process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct snapshot;

/*
 * The journal of systemd, or files of one.
 */
struct journal;

/* `directory` NULL: this machine's. What of it may not be read becomes a gap. NULL with a sentence: there is none. */
struct journal *journal_open(const char *directory, struct snapshot *snapshot,
			     struct error *error);
void journal_close(struct journal *journal);

/* -1: it cannot be waited for. */
int journal_descriptor(const struct journal *journal);

/*
 * One entry before or after the last one; the first step back is to the newest. False, or 0: there is none; a negative
 * errno: it cannot be read. After a way back journal_rewind() goes to where it began, so that the next step
 * forward is to what came since.
 */
int journal_step_back(struct journal *journal);
bool journal_step_forward(struct journal *journal);
void journal_rewind(struct journal *journal);

/* Of the entry stepped to. */
int64_t journal_time_ms(struct journal *journal);

/* Its message, until the next call; NULL: it has none. Of a long one the beginning. */
const char *journal_text(struct journal *journal);

/* Whether it came from the kernel's log, and then when it was written there, in microseconds since the boot; -1: not known,
 * or in another boot than this. */
bool journal_is_kernel(struct journal *journal, int64_t *microseconds);

/* Who wrote it; texts go to the arena. */
void journal_process(struct journal *journal, struct arena *arena, struct process *process);
