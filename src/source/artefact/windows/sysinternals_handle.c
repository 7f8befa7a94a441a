#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/dump/handle_counts.h"
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
	struct handle_counts counts;
	int32_t pid;	/* of the block that is open */
	char name[64];	/* of its program */
	bool all_kinds; /* handle -a lists more than files and sections */
	bool found;	/* of a search */
	bool open, summary;
	int32_t asked; /* pid that a summary was asked for; 0: of the whole machine */
};

/* ---- lines ---- */

static bool is_dashes(struct span text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.text[i] != '-')
			return false;
	return text.length >= LEAST_DASHES;
}

static bool contains(struct span text, const char *word)
{
	const size_t length = strlen(word);

	for (size_t i = 0; i + length <= text.length; i++)
		if (!memcmp(text.text + i, word, length))
			return true;
	return false;
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

/* Whether others may read, write and delete stands before the name of a file: "(RW-)". */
static struct span behind_access(struct span text)
{
	const char *end = text.text[0] == '(' ? memchr(text.text, ')', text.length) : NULL;
	struct line rest = { .text = end ? end + 1 : text.text };

	rest.length = text.length - (size_t)(rest.text - text.text);
	return line_trimmed(&rest);
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
	*name = count > 2 ? behind_access(fields[2]) : (struct span){ "", 0 };
	return at + 1 == fields[0].length && fields[0].text[at] == ':';
}

static void keep_name(struct handle *handle, struct span name)
{
	size_t length =
		name.length < sizeof handle->name ? name.length : sizeof handle->name - 1;

	memcpy(handle->name, name.text, length);
	handle->name[length] = '\0';
}

static void count(struct handle *handle, struct dossier *dossier, struct span process,
		  struct span type, struct span object)
{
	const struct handle_seen seen = { handle->pid, process, type, object };

	if (!span_is_like(type, "File") && !span_is_like(type, "Section"))
		handle->all_kinds = true;
	if (handle->pid > 0)
		handle_counts_add(&handle->counts, dossier, &seen);
}

static bool take_block(struct handle *handle, struct dossier *dossier,
		       const struct text_context *context, const struct line *line)
{
	const struct span text = line_trimmed(line),
			  before = { context->before[0], strlen(context->before[0]) };
	int32_t pid;
	size_t at;

	if (!line->length || *line->text == ' ' || (!handle->open && !is_dashes(before)) ||
	    !number_behind(text, " pid: ", &pid, &at) || contains(text, " type: "))
		return false;
	keep_name(handle, name_before(text, at));
	/* What cannot be opened has more handles than those that are listed of it. */
	handle->pid = contains(text, "<unable to open process>") ? 0 : pid;
	told_process_name(dossier, pid, name_before(text, at));
	handle->open = true;
	handle->summary = false;
	return true;
}

/* Behind "type:" stand the type, perhaps a user, the number with a colon, and the name. */
static struct span object_of(struct span text, struct span *type)
{
	static const char word[] = " type: ";
	struct line rest;
	struct span fields[2];
	size_t at = 0;

	while (memcmp(text.text + at, word, sizeof word - 1))
		at++;
	rest = (struct line){ .text = text.text + at + sizeof word - 1,
			      .length = text.length - at - (sizeof word - 1) };
	*type = line_fields(&rest, fields, 2) ? fields[0] : (struct span){ "", 0 };
	for (at = rest.length; at > 1 && rest.text[at - 1] != ' ';)
		at--;
	return (struct span){ rest.text + at, rest.length - at };
}

/* What was found by a name says nothing of what else there is. */
static bool take_found(struct handle *handle, struct dossier *dossier, const struct line *line)
{
	const struct span text = line_trimmed(line);
	struct span type, object;
	int32_t pid;
	size_t at;

	if (!number_behind(text, " pid: ", &pid, &at) || !contains(text, " type: "))
		return false;
	object = object_of(text, &type);
	handle->pid = pid;
	handle->open = handle->found = true;
	count(handle, dossier, name_before(text, at), type, object);
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
	dossier_count_records(dossier, 1);
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
		count(handle, dossier, (struct span){ handle->name, strlen(handle->name) },
		      type, name);
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
	handle->counts.files_only = handle->found || !handle->all_kinds;
	handle_counts_finish(&handle->counts, dossier);
	dossier_speaks_for(dossier, FROM_WINDOWS);
	dossier_used_for(dossier, N_("handles"));
}

const struct text_format text_format_sysinternals_handle = {
	.name = "handle",
	.state_size = sizeof(struct handle),
	.take = take,
	.end = end,
};
