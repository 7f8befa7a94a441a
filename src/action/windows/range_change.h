#pragma once

#include "action/windows/range.h"

/*
 * The change itself, without its record: rows are set, read back, and set back where not all of them were taken.
 */

/* 0: the wanted rows are what was asked for, and `now` is what all are. -1 with a sentence: everything is as it was. -2 with a
 * sentence: something could not be set back. `before`: of both stores; of a row that netsh did not tell of the next start
 * what is set now is taken. */
int range_change_do(const struct netsh *netsh, const struct range_request *request,
		    const struct range_stores *before, struct range_stores *now,
		    struct error *error);

/* Sets back what is still as the record's change left it. 0; 1 with a sentence: somebody else has set something since, and
 * that stays; -1 with a sentence: it could not be set back. */
int range_change_back(const struct netsh *netsh, const struct range_record *record,
		      struct error *error);

/* Somebody may have set something else since `known` was read: -1 with a sentence. */
int range_change_refuse_stranger(const struct range_rows *known, const struct range_rows *now,
				 struct error *error);
