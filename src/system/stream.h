#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * The standard streams, and the command line.
 *
 * Text is UTF-8 throughout. On Windows arguments are made so from what the system has; a console gets text in the way that it
 * shows every character, in any code page; pipes and files get the bytes as they are, without \r.
 */
void stream_start(int *argc, char ***argv);

/* To be called before the program ends in the usual way, when all is flushed. */
void stream_end(void);

/* 1 is standard output, 2 standard error. */
bool stream_is_terminal(int stream);
bool stream_has_colours(int stream); /* it is one, and understands the sequences for them */
unsigned stream_width(void);	     /* in columns, of standard output; 0: it is no terminal */

/* Whoever read standard output has gone. */
bool stream_reader_is_gone(void);

/* Straight to standard output; false and errno where not all was, `wrote` says how much. */
bool stream_write(const char *text, size_t size, size_t *wrote);

/* Where a file may not grow further writing fails, instead of ending the program. */
void stream_mind_limits(void);
