#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/tasklist_services.h"
#include "source/artefact/windows/told_process.h"
#include "source/artefact/text/text_format.h"

#include <string.h>

/*
 * tasklist, tasklist /v and tasklist /svc:
 *
 *     Image Name                     PID Session Name        Session#    Mem Usage
 *     ========================= ======== ================ =========== ============
 *     svchost.exe                    812 Services                   0      4,240 K
 *
 * The names of the columns are translated, the signs below are the same everywhere: 25 for the name, which may have blanks,
 * and eight for the pid.
 */
enum { NAME_WIDTH = 25, PID_WIDTH = 8, COLUMNS = 9, USER = 6, FIELDS_MOST = 24 };

struct tasklist {
	size_t columns; /* 0: it has not begun */
	size_t user_from, user_to;
	int32_t pid; /* of the last row */
	uint64_t rows;
	struct tasklist_services services;
};

static bool take_head(struct tasklist *list, const struct line *line)
{
	struct span fields[COLUMNS + 1];
	size_t count = line_fields(line, fields, COLUMNS + 1);

	if (count < 3 || count > COLUMNS || fields[0].length != NAME_WIDTH ||
	    fields[1].length != PID_WIDTH)
		return false;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < fields[i].length; j++)
			if (fields[i].text[j] != '=')
				return false;
	list->columns = count;
	if (count == COLUMNS) {
		list->user_from = (size_t)(fields[USER].text - line->text);
		list->user_to = list->user_from + fields[USER].length;
	}
	return true;
}

/* The first number that ends behind the column of names; where blanks were squeezed out, the first behind a word. */
static size_t find_pid(const struct line *line, const struct span *fields, size_t count,
		       int32_t *pid)
{
	size_t squeezed = 0;

	for (size_t i = 1; i < count; i++) {
		if (!told_process_pid(fields[i], pid))
			continue;
		if (fields[i].text + fields[i].length > line->text + NAME_WIDTH)
			return i;
		squeezed = squeezed ? squeezed : i;
	}
	if (squeezed)
		told_process_pid(fields[squeezed], pid);
	return squeezed;
}

static struct span rest_of(const struct line *line, const char *from)
{
	const struct line rest = {
		.text = from,
		.length = line->length - (size_t)(from - line->text),
	};

	return line_trimmed(&rest);
}

/* Places are those of bytes: only where all before it are ASCII. */
static void take_user(const struct tasklist *list, struct dossier *dossier,
		      const struct line *line)
{
	struct line part = { .text = line->text + list->user_from };

	if (list->columns != COLUMNS || line->length < list->user_to)
		return;
	for (size_t i = 0; i < list->user_to; i++)
		if ((uint8_t)line->text[i] >= 0x80)
			return;
	part.length = list->user_to - list->user_from;
	if (memchr(part.text, '\\', part.length))
		told_process_user(dossier, list->pid, line_trimmed(&part));
}

static bool take_row(struct tasklist *list, struct dossier *dossier, const struct line *line)
{
	struct span fields[FIELDS_MOST], name;
	size_t count = line_fields(line, fields, FIELDS_MOST),
	       at = find_pid(line, fields, count, &list->pid);

	if (!at)
		return false;
	name = fields[0];
	name.length = (size_t)(fields[at - 1].text - name.text) + fields[at - 1].length;
	dossier_speaks_for(dossier, FROM_WINDOWS);
	told_process_name(dossier, list->pid, name);
	take_user(list, dossier, line);
	if (list->columns == 3)
		tasklist_services_take(&list->services, dossier, list->pid,
				       rest_of(line, fields[at].text + fields[at].length));
	list->rows++;
	return true;
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct tasklist *list = opaque;

	(void)context;
	if (take_head(list, line))
		return true;
	if (!list->columns)
		return false;
	if (line_is_blank(line))
		return true;
	/* Services that did not fit. */
	if (list->columns == 3 && line_begins(line, "                          ")) {
		tasklist_services_take(&list->services, dossier, list->pid,
				       line_trimmed(line));
		return true;
	}
	return take_row(list, dossier, line);
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct tasklist *list = opaque;

	(void)is_last;
	dossier_count_records(dossier, list->rows);
	dossier_used_for(dossier, N_("processes"));
}

const struct text_format text_format_tasklist = {
	.name = "tasklist",
	.state_size = sizeof(struct tasklist),
	.take = take,
	.end = end,
};
