#pragma once

#include "source/source.h"

struct ledger;

/*
 * One look at this machine. `ledger`: who had which connection before it, and what is put into snapshot->sample's
 * place by it; NULL: nobody watched.
 */
int reading_do(const struct source_request *request, struct ledger *ledger,
	       struct snapshot *snapshot, struct error *error);
