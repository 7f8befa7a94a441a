#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/tasklist_services.h"
#include "source/artefact/windows/told_process.h"
#include "source/artefact/text/text_format.h"

#include <string.h>

/*
 * tasklist /fo list: five lines for a process, nine with /v, three with /svc, and a blank one.
 *
 *     Image Name:   svchost.exe
 *     PID:          812
 *     Services:     DcomLaunch, PlugPlay
 *
 * What stands before the colons is translated but for "PID", by which the list is known.
 */
enum { NAME, PID, SERVICES, USER = 6, SHORT = 3, TEXT = 512 };

struct tasklist_list {
	bool open;
	unsigned lines; /* of the process so far */
	int32_t pid;
	char name[TEXT], third[TEXT], user[TEXT];
	uint64_t processes;
	struct tasklist_services services;
};

static bool split(const struct line *line, struct span *label, struct span *value)
{
	const char *colon = memchr(line->text, ':', line->length);
	struct line rest;

	if (!colon || colon == line->text || *line->text == ' ')
		return false;
	*label = (struct span){ line->text, (size_t)(colon - line->text) };
	rest = (struct line){ .text = colon + 1, .length = line->length - label->length - 1 };
	*value = line_trimmed(&rest);
	return true;
}

static void copy(char to[TEXT], struct span text)
{
	const size_t length = text.length < TEXT - 1 ? text.length : TEXT - 1;

	memcpy(to, text.text, length);
	to[length] = '\0';
}

static struct span span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

static void finish(struct tasklist_list *list, struct dossier *dossier)
{
	if (list->lines > PID) {
		dossier_speaks_for(dossier, FROM_WINDOWS);
		told_process_name(dossier, list->pid, span_of(list->name));
		if (list->lines == SHORT)
			tasklist_services_take(&list->services, dossier, list->pid,
					       span_of(list->third));
		if (list->lines > USER && strchr(list->user, '\\'))
			told_process_user(dossier, list->pid, span_of(list->user));
		list->processes++;
	}
	list->lines = 0;
	*list->name = *list->third = *list->user = '\0';
}

static bool take_first(struct tasklist_list *list, const struct text_context *context,
		       const struct line *line)
{
	const struct line before = { .text = context->before[0],
				     .length = strlen(context->before[0]) };
	struct span label, value;

	if (!split(line, &label, &value) || !span_is(label, "PID") ||
	    !told_process_pid(value, &list->pid) || !split(&before, &label, &value))
		return false;
	copy(list->name, value);
	list->lines = 2;
	list->open = true;
	return true;
}

static bool take_within(struct tasklist_list *list, const struct line *line)
{
	struct span label, value;

	if (*line->text == ' ') { /* services that did not fit */
		if (list->lines == SHORT &&
		    strlen(list->third) + line_trimmed(line).length + 2 < TEXT) {
			strcat(list->third, " ");
			strncat(list->third, line_trimmed(line).text,
				line_trimmed(line).length);
		}
		return list->lines > 0;
	}
	if (!split(line, &label, &value))
		return false;
	if (list->lines == PID && !told_process_pid(value, &list->pid))
		return false;
	if (list->lines == NAME)
		copy(list->name, value);
	else if (list->lines == SERVICES)
		copy(list->third, value);
	else if (list->lines == USER)
		copy(list->user, value);
	list->lines++;
	return true;
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct tasklist_list *list = opaque;

	if (!list->open)
		return line->length && take_first(list, context, line);
	if (line_is_blank(line)) {
		finish(list, dossier);
		return true;
	}
	if (take_within(list, line))
		return true;
	list->lines = list->lines > PID ? list->lines : 0;
	finish(list, dossier);
	return false;
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct tasklist_list *list = opaque;

	(void)is_last;
	finish(list, dossier);
	dossier_count_records(dossier, list->processes);
	dossier_used_for(dossier, N_("processes"));
}

const struct text_format text_format_tasklist_list = {
	.name = "tasklist",
	.state_size = sizeof(struct tasklist_list),
	.take = take,
	.end = end,
};
