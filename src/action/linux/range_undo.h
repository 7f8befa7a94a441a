#pragma once

#include "action/linux/range_files.h"
#include "action/linux/range_record.h"

/* Inside range_undo() and range_overdue(): sets back what the record's change has set. The folder is locked, and
 * the record gone then, unless it could not be set back. -1 with a sentence. */
int range_undo_in(const struct range_files *files, const struct range_folder *folder,
		  const struct range_record *record, struct error *error);
