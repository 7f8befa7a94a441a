#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/handle_count.h"
#include "source/artefact/windows/told_process.h"
#include "source/artefact/text/text_format.h"

#include <string.h>

/*
 * handle.exe of Sysinternals. It is in English only.
 *
 *     ------------------------------------------------------------------------------
 *     w3wp.exe pid: 4711 IIS APPPOOL\DefaultAppPool                    handle -a, handle -p 4711
 *       1F4: File  (RW-)   \Device\Afd
 *
 *     w3wp.exe           pid: 4711   type: File           1F4: \Device\Afd       handle afd
 *
 *     Handle type summary:                                             handle -s -p 4711
 *       File            : 6000
 *     Total handles: 7123
 */
enum { LEAST_DASHES = 40 };

struct handle {
	struct handle_count count; /* of the process that is open */
	bool open, summary;
	int32_t asked; /* pid that a summary was asked for; 0: of the whole machine */
	uint64_t rows;
};

/* ---- lines ---- */

static bool is_dashes(struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.text[i] != '-')
			return false;
	return text.length >= LEAST_DASHES;
}

/* The number behind a word. */
static bool number_behind(struct span text, const char *word, int32_t *pid, size_t *at)
{
	const size_t length = strlen(word);
	size_t end;

	for (*at = 0; *at + length < text.length; ++*at)
		if (!memcmp(text.text + *at, word, length))
			break;
	if (*at + length >= text.length)
		return false;
	for (end = *at + length;
	     end < text.length && text.text[end] >= '0' && text.text[end] <= '9';)
		end++;
	return told_process_pid((struct span){ text.text + *at + length, end - *at - length },
				pid);
}

static struct span name_before(struct span text, size_t at)
{
	const struct line line = { .text = text.text, .length = at };

	return line_trimmed(&line);
}

/* "1F4: File  (RW-)   \Device\Afd" */
static bool is_row(const struct line *line, struct span *type, struct span *name)
{
	struct span fields[3];
	size_t count = line_fields(line, fields, 3), at = 0;

	if (count < 2 || *line->text != ' ' || fields[0].length < 2)
		return false;
	while (at + 1 < fields[0].length &&
	       strchr("0123456789abcdefABCDEF", fields[0].text[at]))
		at++;
	*type = fields[1];
	*name = count > 2 ? fields[2] : (struct span){ NULL, 0 };
	return at + 1 == fields[0].length && fields[0].text[at] == ':';
}

static bool take_block(struct handle *handle, struct dossier *dossier,
		       const struct text_context *context, const struct line *line)
{
	const struct span text = line_trimmed(line),
			  before = { context->before[0], strlen(context->before[0]) };
	int32_t pid;
	size_t at;

	if (!line->length || *line->text == ' ' || (!handle->open && !is_dashes(before)) ||
	    !number_behind(text, " pid: ", &pid, &at) || span_has(text, " type: "))
		return false;
	handle_count_begin(&handle->count, dossier, pid, name_before(text, at));
	handle->open = true;
	handle->summary = false;
	return true;
}

static bool take_found(struct handle *handle, struct dossier *dossier, const struct line *line)
{
	const struct span text = line_trimmed(line);
	int32_t pid;
	size_t at;

	if (!number_behind(text, " pid: ", &pid, &at) || !span_has(text, " type: "))
		return false;
	if (!handle->open || pid != handle->count.pid)
		handle_count_begin(&handle->count, dossier, pid, name_before(text, at));
	handle->open = true;
	if (span_has(text, "type: File"))
		handle_count_found(&handle->count, text);
	handle->rows++;
	return true;
}

/* ---- the summary ---- */

static bool take_summary(struct handle *handle, struct dossier *dossier,
			 const struct text_context *context, const struct line *line)
{
	static const char total[] = "Total handles: ";
	const struct span text = line_trimmed(line);
	uint64_t handles;
	size_t at;

	if (span_is(text, "Handle type summary:")) {
		handle->open = handle->summary = true;
		for (int i = 0; i < CONTEXT_LINES && !handle->asked; i++)
			if (span_has((struct span){ context->before[i],
						    strlen(context->before[i]) },
				     "handle"))
				number_behind((struct span){ context->before[i],
							     strlen(context->before[i]) },
					      " -p ", &handle->asked, &at);
		return true;
	}
	if (!handle->summary)
		return false;
	if (!line_begins(line, total))
		return memchr(text.text, ':', text.length) && *line->text == ' ';
	handle->summary = false;
	handle->rows++;
	if (handle->asked && span_number((struct span){ text.text + sizeof total - 1,
							text.length - (sizeof total - 1) },
					 INT32_MAX, &handles))
		told_process_handles(dossier, handle->asked, (int64_t)handles);
	else
		dossier_note(
			dossier,
			_("a summary of all processes does not tell whose the handles are"));
	return true;
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct handle *handle = opaque;
	struct span type, name;

	if (handle->open && is_row(line, &type, &name)) {
		handle_count_add(&handle->count, type, name);
		handle->rows++;
		return true;
	}
	if (handle->open && (line_is_blank(line) || is_dashes(line_trimmed(line))))
		return true;
	return take_found(handle, dossier, line) ||
	       take_block(handle, dossier, context, line) ||
	       take_summary(handle, dossier, context, line);
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct handle *handle = opaque;

	(void)is_last;
	handle_count_end(&handle->count, dossier);
	dossier_speaks_for(dossier, FROM_WINDOWS);
	dossier_count_records(dossier, handle->rows);
	dossier_used_for(dossier, N_("handles"));
}

const struct text_format text_format_sysinternals_handle = {
	.name = "handle",
	.state_size = sizeof(struct handle),
	.take = take,
	.end = end,
};
