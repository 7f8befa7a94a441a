#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/fields.h"
#include "source/artefact/windows/tasklist_services.h"
#include "source/artefact/windows/told_process.h"
#include "source/artefact/text/text_format.h"

/*
 * tasklist /fo csv, with a line of names in the user's language or (/nh) none:
 *
 *     "svchost.exe","812","Services","0","4,240 K"
 *     "svchost.exe","812","DcomLaunch,PlugPlay"
 *
 * Rows are known by their shape: all in quotes, and where the numbers are.
 */
struct tasklist_csv {
	uint64_t rows;
	struct tasklist_services services;
};

enum { NAME, PID, SERVICES, SESSION, MEMORY, USER = 6 };
enum { SHORT = 3, PLAIN = 5, VERBOSE = 9, SYSTEM_PID = 4 };

static bool is_exe(struct span name)
{
	return name.length > 4 &&
	       span_is_like((struct span){ name.text + name.length - 4, 4 }, ".exe");
}

/* "4,240 K", "4.240 K", "4 240 Ko" */
static bool is_memory(struct span text)
{
	return text.length > 1 && text.text[0] >= '0' && text.text[0] <= '9' &&
	       (text.text[text.length - 1] < '0' || text.text[text.length - 1] > '9');
}

static bool is_row(const struct tasklist_csv *list, const struct fields *fields, int32_t *pid)
{
	uint64_t session;

	if (fields->open || !fields->quoted || fields->count < SHORT ||
	    !told_process_pid(fields->items[PID], pid))
		return false;
	if (fields->count == SHORT)
		return list->rows || !*pid || *pid == SYSTEM_PID ||
		       is_exe(fields->items[NAME]);
	return (fields->count == PLAIN || fields->count == VERBOSE) &&
	       span_number(fields->items[SESSION], UINT32_MAX, &session) &&
	       is_memory(fields->items[MEMORY]);
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct tasklist_csv *list = opaque;
	struct fields fields;
	int32_t pid;

	(void)context;
	if (list->rows && line_is_blank(line))
		return true;
	if (!line->length || line->text[0] != '"' || !fields_split(&fields, line, ',') ||
	    !is_row(list, &fields, &pid))
		return false;
	dossier_speaks_for(dossier, FROM_WINDOWS);
	told_process_name(dossier, pid, fields.items[NAME]);
	if (fields.count == VERBOSE && span_has(fields.items[USER], "\\"))
		told_process_user(dossier, pid, fields.items[USER]);
	if (fields.count == SHORT)
		tasklist_services_take(&list->services, dossier, pid, fields.items[SERVICES]);
	list->rows++;
	return true;
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct tasklist_csv *list = opaque;

	(void)is_last;
	dossier_count_records(dossier, list->rows);
	dossier_used_for(dossier, N_("processes"));
}

const struct text_format text_format_tasklist_csv = {
	.name = "tasklist",
	.state_size = sizeof(struct tasklist_csv),
	.take = take,
	.end = end,
};
