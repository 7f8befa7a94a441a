#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/text/text_format.h"

#include <stdlib.h>
#include <string.h>

enum { FORMATS_MOST = 64 };

struct sections {
	struct dossier *dossier;
	struct text_context context;
	void *states[FORMATS_MOST]; /* by the place of the format; NULL: not asked yet */
	int current;		    /* -1: none */
	uint64_t taken;
	struct line first_cut;
};

static void *state_of(struct sections *sections, int format)
{
	if (!sections->states[format])
		sections->states[format] =
			memory_zeroed(1, text_formats[format]->state_size + 1);
	return sections->states[format];
}

static void end_section(struct sections *sections, bool is_last)
{
	const struct text_format *format;

	if (sections->current < 0)
		return;
	format = text_formats[sections->current];
	if (format->end)
		format->end(sections->states[sections->current], sections->dossier, is_last);
	memset(sections->states[sections->current], 0, format->state_size);
	sections->current = -1;
}

static bool offer(struct sections *sections, int format, const struct line *line)
{
	return text_formats[format]->take(state_of(sections, format), sections->dossier,
					  &sections->context, line);
}

/* What a form tells goes to the part of the dossier that is named after it. */
static bool begin_section(struct sections *sections, const struct line *line)
{
	for (int i = 0; i < FORMATS_MOST && text_formats[i]; i++) {
		const int before = sections->current;

		if (i == before)
			continue;
		dossier_name_part(sections->dossier, text_formats[i]->name);
		if (!offer(sections, i, line)) {
			memset(sections->states[i], 0, text_formats[i]->state_size);
			continue;
		}
		if (before >= 0) {
			dossier_name_part(sections->dossier, text_formats[before]->name);
			end_section(sections, false);
			dossier_name_part(sections->dossier, text_formats[i]->name);
		}
		if (!text_formats[i]->names_parts)
			dossier_part(sections->dossier);
		sections->current = i;
		return true;
	}
	if (sections->current >= 0)
		dossier_name_part(sections->dossier, text_formats[sections->current]->name);
	return false;
}

static void take_line(struct sections *sections, const struct line *line)
{
	bool taken = sections->current >= 0 && offer(sections, sections->current, line);

	if (!taken && line_is_blank(line))
		return;
	taken = taken || begin_section(sections, line);
	sections->taken += taken;
	if (!taken)
		text_context_remember(&sections->context, line);
	if (line->cut && !sections->first_cut.number)
		sections->first_cut = *line;
}

/* Mail puts "> " before what it answers, once for each answer (RFC 3676, section 4.5). XML may have a '>' of its own at the
 * beginning of a line: one that is alone counts between such lines only. */
static bool unquote(struct line *line, bool within)
{
	bool quoted = false;

	while (line->length && *line->text == '>' &&
	       (line->length > 1 ? line->text[1] == ' ' || line->text[1] == '>' :
				   within || quoted)) {
		size_t length = line->length > 1 && line->text[1] == ' ' ? 2 : 1;

		line->text += length;
		line->length -= length;
		quoted = true;
	}
	return quoted;
}

static bool is_text(const struct artefact_input *input)
{
	struct lines lines;
	size_t zeros = 0, length = input->size < 4096 ? input->size : 4096;

	lines_begin(&lines, input->bytes, input->size);
	lines_end(&lines);
	if (lines.encoding != ENCODING_BYTES)
		return true;
	for (size_t i = 0; i < length; i++)
		zeros += !input->bytes[i];
	return !zeros;
}

static int read_text(const struct artefact_input *input, struct dossier *dossier,
		     struct error *error)
{
	struct sections sections = { .dossier = dossier,
				     .current = -1,
				     .context = { .modified_ms = input->modified_ms } };
	struct lines lines;
	struct line line;
	bool quoted = false;

	lines_begin(&lines, input->bytes, input->size);
	lines.input = input;
	while (lines_next(&lines, &line)) {
		quoted = unquote(&line, quoted);
		take_line(&sections, &line);
	}
	end_section(&sections, true);
	dossier_close(dossier); /* a listing that is open may still ask for its form's state */
	lines_end(&lines);
	for (int i = 0; i < FORMATS_MOST; i++)
		free(sections.states[i]);
	if (sections.first_cut.number)
		dossier_note(dossier, _("line %llu is longer than %d bytes and was cut"),
			     (unsigned long long)sections.first_cut.number, LINE_MOST);
	if (sections.taken)
		return 0;
	return error_set(
		error,
		P_("it is text, but its %llu line is in no form that is known",
		   "it is text, but none of its %llu lines is in a form that is known",
		   lines.number),
		(unsigned long long)lines.number);
}

const struct artefact_kind artefact_text = { .name = "text",
					     .is = is_text,
					     .read = read_text };
