#pragma once

#include "base/error.h"
#include "command/target.h"
#include "view/close.h"

/*
 * portroom close --verify: a connection that is tried before and after.
 */
struct close_verify {
	struct target target;
	char host[256]; /* if it is a name; "": it is an address */
};

/* "db:5432", "10.0.9.1:5432". -1 with a sentence. */
int close_verify_take(struct close_verify *verify, const char *text, struct error *error);

struct close_verdict close_verify_try(const struct close_verify *verify);
