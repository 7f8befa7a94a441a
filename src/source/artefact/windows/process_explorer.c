#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/dump/handle_counts.h"
#include "source/artefact/windows/fields.h"
#include "source/artefact/windows/told_process.h"
#include "source/artefact/text/text_format.h"

#include <string.h>

/*
 * What Process Explorer saves with File, Save: its columns with tabs between them, processes indented as a tree. If the
 * lower pane was open, what it showed of one process comes behind:
 *
 *     Process<tab>CPU<tab>Private Bytes<tab>PID<tab>Handles
 *      w3wp.exe<tab>0.12<tab>91,204 K<tab>4711<tab>6,020
 *
 *     Process: w3wp.exe Pid: 4711
 *
 *     Type<tab>Name
 *     File<tab>\Device\Afd
 */
enum { NOT_THERE = -1 };

struct process_explorer {
	bool open, pane;
	int name, pid, handles, user; /* columns of the processes */
	int type, what;		      /* of the lower pane */
	int32_t pane_pid;
	struct handle_counts counts;
	uint64_t rows;
};

static int find_column(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (span_is(fields->items[i], name))
			return (int)i;
	return NOT_THERE;
}

static struct span value_at(const struct fields *fields, int column)
{
	struct line line = { 0 };

	if (column < 0 || (size_t)column >= fields->count)
		return (struct span){ "", 0 };
	line.text = fields->items[column].text;
	line.length = fields->items[column].length;
	return line_trimmed(&line);
}

static bool take_head(struct process_explorer *list, const struct fields *fields)
{
	int name = find_column(fields, "Process"), pid = find_column(fields, "PID"),
	    type = find_column(fields, "Type"), what = find_column(fields, "Name");

	if (name >= 0 && pid >= 0) {
		*list = (struct process_explorer){
			.open = true,
			.name = name,
			.pid = pid,
			.handles = find_column(fields, "Handles"),
			.user = find_column(fields, "User Name"),
			.counts = list->counts,
			.rows = list->rows,
		};
		return true;
	}
	if (!list->pane || type < 0 || what < 0)
		return false;
	list->type = type;
	list->what = what;
	return true;
}

/* "6,020", "6.020", "6 020" */
static bool read_grouped(struct span text, uint64_t *number)
{
	bool any = false;

	*number = 0;
	for (size_t i = 0; i < text.length; i++) {
		const unsigned digit = (unsigned)(text.text[i] - '0');

		if (digit > 9) {
			if (!strchr(",. '", text.text[i]) && (uint8_t)text.text[i] < 0x80)
				return false;
			continue;
		}
		*number = 10 * *number + digit;
		any = true;
		if (*number > INT32_MAX)
			return false;
	}
	return any;
}

static bool take_process(struct process_explorer *list, struct dossier *dossier,
			 const struct fields *fields)
{
	uint64_t handles;
	int32_t pid;

	if (!told_process_pid(value_at(fields, list->pid), &pid))
		return !value_at(fields, list->pid).length; /* Interrupts, DPCs */
	told_process_name(dossier, pid, value_at(fields, list->name));
	told_process_user(dossier, pid, value_at(fields, list->user));
	if (read_grouped(value_at(fields, list->handles), &handles))
		told_process_handles(dossier, pid, (int64_t)handles);
	list->rows++;
	return true;
}

static bool take_pane(struct process_explorer *list, struct dossier *dossier,
		      const struct line *line)
{
	static const char first[] = "Process: ", second[] = " Pid: ";
	const struct span text = line_trimmed(line);
	int32_t pid;

	if (!line_begins(line, first))
		return false;
	for (size_t at = text.length; at-- > sizeof first - 1;) {
		struct span rest = { text.text + at, text.length - at };

		if (rest.length < sizeof second ||
		    memcmp(rest.text, second, sizeof second - 1))
			continue;
		rest.text += sizeof second - 1;
		rest.length -= sizeof second - 1;
		if (!told_process_pid(rest, &pid))
			return false;
		told_process_name(dossier, pid,
				  (struct span){ text.text + sizeof first - 1,
						 at - (sizeof first - 1) });
		list->pane_pid = pid;
		list->pane = true;
		list->type = NOT_THERE;
		return true;
	}
	return false;
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct process_explorer *list = opaque;
	struct fields fields;

	(void)context;
	if (list->open && line_is_blank(line))
		return true;
	if (list->open && take_pane(list, dossier, line))
		return true;
	if (!memchr(line->text, '\t', line->length) || !fields_split(&fields, line, '\t'))
		return false;
	if (take_head(list, &fields))
		return true;
	if (!list->open)
		return false;
	if (!list->pane)
		return take_process(list, dossier, &fields);
	if (list->type >= 0 && list->pane_pid > 0) {
		const struct handle_seen seen = {
			.pid = list->pane_pid,
			.type = value_at(&fields, list->type),
			.object = value_at(&fields, list->what),
		};

		handle_counts_add(&list->counts, dossier, &seen);
	}
	return true;
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct process_explorer *list = opaque;

	(void)is_last;
	/* The pane leaves out handles without a name: its total is not that of the process. */
	list->counts.files_only = true;
	handle_counts_finish(&list->counts, dossier);
	dossier_speaks_for(dossier, FROM_WINDOWS);
	dossier_count_records(dossier, list->rows);
	dossier_used_for(dossier, N_("processes"));
}

const struct text_format text_format_process_explorer = {
	.name = "Process Explorer",
	.state_size = sizeof(struct process_explorer),
	.take = take,
	.end = end,
};
