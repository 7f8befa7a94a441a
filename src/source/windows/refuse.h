#pragma once

#include "base/error.h"

struct source_request;

/* What there is on Linux only: -1 with a sentence if it is asked for. */
int refuse_request(const struct source_request *request, struct error *error);
