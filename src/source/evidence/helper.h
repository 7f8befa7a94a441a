#pragma once

#include "base/error.h"
#include "source/evidence/frames.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A program that takes a container apart in portroom's place. The libraries that read such files are large, and what they
 * read was made by somebody else: they run in a process that can do nothing but read the one file and write frames.
 */
struct helper_program {
	const char *name;    /* "portroom-unpack" */
	const char *package; /* of Debian, that it is built with */
	const char *option;  /* of the build */
};

struct helper_limits {
	int silence_ms; /* longest time without a byte */
	unsigned cpu_s;
	uint64_t memory; /* besides the file */
};

extern const struct helper_limits helper_usual_limits;

struct helper {
	const struct helper_program *program;
	struct helper_limits limits;
	pid_t pid;
	int output;
	struct frames frames;
};

/* Where it is: beside this program, else where it was installed. 0, or -1 with a sentence. */
int helper_find(const struct helper_program *program, char *path, size_t size,
		struct error *error);

/* `input` is what it reads, from its beginning. 0, or -1 with a sentence; then there is nothing to end. */
int helper_start(struct helper *helper, const struct helper_program *program, const char *path,
		 int input, const struct helper_limits *limits, struct error *error);

/* 1: a frame; 0: it has told all; -1 with a sentence: it ended before that, or told nonsense. Waits. */
int helper_next(struct helper *helper, struct frame *frame, struct error *error);

void helper_end(struct helper *helper); /* whatever it is doing */
