#pragma once

/*
 * The kernel's own statistics about BPF programs, and a program that does nothing, to see what they
 * cost. These end the program with a sentence when they fail.
 */

/* From now on, until this process ends, the kernel adds up the time of all BPF programs. */
void statistics_enable(void);

/* Attaches an empty program to the changes of TCP states. Returns a descriptor of it; it stays attached
 * until this process ends. */
int statistics_attach_empty(void);

/* How long the program has run by now, in nanoseconds. */
double statistics_time_ns(int program);
