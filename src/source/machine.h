#pragma once

#include "source/source.h"

/* source_read() of the machine itself, or of a copied /proc: each system has its own. */
int machine_read(const struct source_request *request, struct snapshot *snapshot,
		 struct error *error);
