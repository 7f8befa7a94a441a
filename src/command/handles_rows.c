#include "command/handles_rows.h"

#include "base/arena.h"
#include "diagnosis/handle_marks.h"
#include "snapshot/holding.h"
#include "snapshot/process.h"

#include <stdlib.h>

enum { NEAR_PERCENT = 90 };

enum handles_remark handles_row_remark(bool is_windows, const struct process *process,
				       int64_t count)
{
	if (process->descriptor_limit > 0 && process->descriptor_limit <= INT64_MAX / 100 &&
	    count <= INT64_MAX / 100 &&
	    count * 100 >= process->descriptor_limit * NEAR_PERCENT)
		return HANDLES_NEAR_LIMIT;
	if (count <= HANDLE_MARK_MANY)
		return HANDLES_FINE;
	if (is_windows && handle_marks_except(process))
		return HANDLES_USUAL;
	return count > HANDLE_MARK_TOO_MANY ? HANDLES_TOO_MANY : HANDLES_MANY;
}

struct handles_kind *handles_row_kinds(const struct process *process)
{
	struct handles_kind *kinds = memory_zeroed(process->kind_count + 1, sizeof *kinds);

	for (size_t i = 0; i < process->kind_count; i++)
		kinds[i] = (struct handles_kind){ .name = process->kinds[i].name,
						  .title = process->kinds[i].name,
						  .count = process->kinds[i].count };
	return kinds;
}

static int by_ports(const void *a, const void *b)
{
	const struct holding *left = *(const struct holding *const *)a;
	const struct holding *right = *(const struct holding *const *)b;

	if (left->ports.count != right->ports.count)
		return left->ports.count > right->ports.count ? -1 : 1;
	if (port_set_next(&left->ports, 0) != port_set_next(&right->ports, 0))
		return port_set_next(&left->ports, 0) - port_set_next(&right->ports, 0);
	return left < right ? -1 : left > right;
}

void handles_holdings_sort(const struct holding **holdings, size_t count)
{
	qsort(holdings, count, sizeof(const struct holding *), by_ports);
}
