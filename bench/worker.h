#pragma once

#include <stddef.h>
#include <sys/types.h>

/*
 * A child process that takes orders on its standard input and reports on its standard output.
 * It dies with its parent, however that ends.
 */
struct worker {
	pid_t pid;
	int orders, reports; /* the parent's ends */
};

/* Forks. Returns 1 in the child, 0 in the parent, which gets `worker`. */
int worker_start(struct worker *worker, const char *name);

/* In the child: the next order, exactly `size` bytes; ends the process when the parent is gone. */
void worker_order(void *order, size_t size);

/* In the child: tells the parent that the work is done. */
void worker_report(void);

/* In the parent: gives an order. */
void worker_give(const struct worker *worker, const void *order, size_t size);

/* In the parent: waits for one report; ends the program when the child died instead. */
void worker_wait(const struct worker *worker);
