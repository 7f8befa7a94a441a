#pragma once

struct error;

/*
 * What stands in the way of BPF on this machine, as a sentence to be shown: this build, the kernel's
 * type information, a missing capability by its name, a refusal. NULL: nothing that is known. Takes
 * some system calls and loads nothing.
 */
const char *bpf_obstacle(void);

/* Why loading a program failed with this errno, though nothing was known to stand in its way. */
void bpf_refusal(struct error *error, int failed);
