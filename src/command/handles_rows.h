#pragma once

#include "view/handles.h"

#include <stdbool.h>
#include <stdint.h>

struct holding;
struct process;

/*
 * What rows of handles say whether they are of this machine or of files.
 */

/* `count`: of what the process has open. On Linux the limit of the process says more than the marks of Windows. */
enum handles_remark handles_row_remark(bool is_windows, const struct process *process,
				       int64_t count);

/* Most ports first, those of as many by their number. */
void handles_holdings_sort(const struct holding **holdings, size_t count);

/* Windows names its types itself: process->kinds as rows have them, to be freed. */
struct handles_kind *handles_row_kinds(const struct process *process);
