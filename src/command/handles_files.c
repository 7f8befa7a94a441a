#include "command/handles_files.h"

#include "base/arena.h"
#include "base/language.h"
#include "command/filter.h"
#include "command/handles_rows.h"
#include "command/options.h"
#include "command/terminal.h"
#include "source/source.h"
#include "view/handles.h"

#include <stdlib.h>
#include <string.h>

/* ---- rows ---- */

/* How many sockets of each process the listings have; NULL where there is none. */
static int64_t *count_listed(const struct snapshot *snapshot)
{
	int64_t *listed = memory_zeroed(snapshot->process_count + 1, sizeof *listed);

	for (size_t i = 0; i < snapshot->holding_count; i++) {
		const struct holding *holding = &snapshot->holdings[i];

		if (holding->key.owner_kind == OWNER_PROCESS)
			listed[holding->key.owner] += holding->sockets;
	}
	return listed;
}

static bool has_listing(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->namespace_count; i++)
		if (snapshot->namespaces[i].tcp_read || snapshot->namespaces[i].udp_read)
			return true;
	return false;
}

static struct handles_row row_of(const struct snapshot *snapshot, size_t index, int64_t listed)
{
	const struct process *process = &snapshot->processes[index];

	return (struct handles_row){
		.process = process,
		.count = process->descriptors,
		.sockets = process->socket_descriptors,
		.listed = listed,
		.remark = handles_row_remark(snapshot->windows != NULL, process,
					     process->descriptors),
	};
}

/* Nobody has told anything of it but that it is there. */
static bool is_empty(const struct handles_row *row)
{
	return row->count < 0 && row->sockets < 0 && row->listed <= 0;
}

static int compare(int64_t left, int64_t right)
{
	return left > right ? -1 : left < right;
}

static int by_count(const void *a, const void *b)
{
	const struct handles_row *left = a, *right = b;
	int order = compare(left->count, right->count);

	if (!order)
		order = compare(left->sockets, right->sockets);
	if (!order)
		order = compare(left->listed, right->listed);
	return order ? order : compare(right->process->pid, left->process->pid);
}

/* ---- showing them ---- */

static struct handles_view view_of(const struct handles_files *wanted,
				   const struct snapshot *snapshot)
{
	return (struct handles_view){
		.machine = snapshot,
		.file = source_first_file(&wanted->common->request),
		.files_open = snapshot->kernel ? snapshot->files_open : -1,
		.files_limit = snapshot->kernel ? snapshot->files_limit : -1,
		.time_ms = snapshot->time_ms,
	};
}

static void show_all(const struct handles_files *wanted, const struct snapshot *snapshot)
{
	struct view_style style = terminal_style(wanted->common);
	struct handles_view view = view_of(wanted, snapshot);
	struct handles_row *rows = memory_zeroed(snapshot->process_count + 1, sizeof *rows);
	int64_t *listed = count_listed(snapshot);
	bool is_listed = has_listing(snapshot);
	const struct socket_record nothing = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < snapshot->process_count; i++) {
		struct handles_row row = row_of(snapshot, i, is_listed ? listed[i] : -1);

		if (is_empty(&row) || !filter_match(wanted->filter, row.process, &nothing))
			continue;
		view.untold += row.count < 0;
		rows[count++] = row;
	}
	qsort(rows, count, sizeof *rows, by_count);
	view.rows = rows;
	view.count = count < wanted->limit ? count : (size_t)wanted->limit;
	view.more = count - view.count;
	if (wanted->common->json)
		handles_json(&view, style.out);
	else
		handles_files_text(&view, &style);
	free(listed);
	free(rows);
}

static size_t holdings_of(const struct snapshot *snapshot, size_t process,
			  const struct holding **holdings)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->holding_count; i++) {
		const struct holding *holding = &snapshot->holdings[i];

		if (holding->key.owner_kind == OWNER_PROCESS && holding->key.owner == process)
			holdings[count++] = holding;
	}
	handles_holdings_sort(holdings, count);
	return count;
}

static void show_one(const struct handles_files *wanted, const struct snapshot *snapshot,
		     size_t index)
{
	struct view_style style = terminal_style(wanted->common);
	struct handles_view view = view_of(wanted, snapshot);
	int64_t *listed = count_listed(snapshot);
	struct handles_row row =
		row_of(snapshot, index, has_listing(snapshot) ? listed[index] : -1);
	struct handles_kind *kinds = handles_row_kinds(row.process);
	const struct holding **holdings =
		memory_zeroed(snapshot->holding_count + 1, sizeof(const struct holding *));
	size_t count = holdings_of(snapshot, index, holdings);

	row.kinds = row.process->kinds ? kinds : NULL;
	row.kind_count = row.process->kind_count;
	view.rows = &row;
	view.count = 1;
	if (wanted->common->json)
		handles_one_json(&view, snapshot, holdings, count, style.out);
	else
		handles_files_one_text(&view, holdings, count, &style);
	free(holdings);
	free(kinds);
	free(listed);
}

/* A saved machine may have several of one number: a process that has ended, and its successor. */
static size_t find(const struct snapshot *snapshot, int32_t pid)
{
	size_t found = snapshot->process_count;

	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].pid == pid &&
		    (found == snapshot->process_count || snapshot->processes[found].ended))
			found = i;
	return found;
}

static int show(const struct handles_files *wanted, const struct snapshot *snapshot,
		struct error *error)
{
	size_t index;

	if (!wanted->pid) {
		show_all(wanted, snapshot);
		return 0;
	}
	index = find(snapshot, wanted->pid);
	if (index == snapshot->process_count)
		return error_set(error, _("the files tell of no process %d"), wanted->pid);
	show_one(wanted, snapshot, index);
	return 0;
}

int handles_files_show(const struct handles_files *wanted, struct error *error)
{
	struct snapshot snapshot = { 0 };
	int result = source_read(&wanted->common->request, &snapshot, error);

	if (!result)
		result = show(wanted, &snapshot, error);
	snapshot_free(&snapshot);
	return result;
}
