#pragma once

#include "suite.h"

#include <libmnl/libmnl.h>

/*
 * What the kernel answered once: tests/fixtures/netfilter. Messages are handed over one by one, each in
 * memory of just its size, so that a sanitizer sees who reads beyond.
 */

/* The whole file, to be freed by the caller. */
void *recorded_read(const char *name, size_t *size);

/* Calls back for each message of the file; returns how many there are. */
size_t recorded_each(const char *name,
		     void (*callback)(const struct nlmsghdr *message, void *context),
		     void *context);

/* The same for each message cut short everywhere, and with each of its bytes spoilt. */
void recorded_each_spoilt(const char *name,
			  void (*callback)(const struct nlmsghdr *message, void *context),
			  void *context);
